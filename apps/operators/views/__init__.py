from apps.operators.views.second_factor import CodePage, EnrolPage

__all__ = ["CodePage", "EnrolPage"]
