from apps.exports.admin.exports import ExportAdmin

__all__ = ["ExportAdmin"]
