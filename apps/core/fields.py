"""Fields for the serializers of several apps."""

from typing import Any

from rest_framework import serializers

from apps.core.pictures import PictureFormField


class PictureUploadField(serializers.ImageField):
    """An uploaded picture, checked and encoded anew: a ``Picture`` that a PictureField keeps."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(_DjangoImageField=PictureFormField, **kwargs)


class RepeatedField(serializers.ListField):
    """A query parameter that may be given several times; given empty, it is not given. Its errors are a flat list."""

    def to_internal_value(self, data: Any) -> list[Any]:
        return super().to_internal_value([each for each in data if each != ""])

    def run_child_validation(self, data: list[Any]) -> list[Any]:
        try:
            return super().run_child_validation(data)
        except serializers.ValidationError as exc:
            of_each: Any = exc.detail  # by its place
            sentences = [sentence for each in of_each.values() for sentence in each]
            raise serializers.ValidationError(list(dict.fromkeys(sentences))) from exc
