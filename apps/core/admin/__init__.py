from apps.core.admin.pages import AnnouncingAdmin, ShopAdmin, ShopInline
from apps.core.admin.pictures import PictureInput, thumbnail

__all__ = ["AnnouncingAdmin", "PictureInput", "ShopAdmin", "ShopInline", "thumbnail"]
