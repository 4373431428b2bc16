from django.http import FileResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.after_sales import services
from apps.after_sales.exceptions import TooManyPictures, WrongAfterSaleState
from apps.after_sales.models import AfterSalePicture
from apps.after_sales.serializers import (
    AddPicturesSerializer,
    AfterSalePictureSerializer,
    AfterSaleSerializer,
)
from apps.after_sales.views.after_sales import OwnAfterSalesView
from apps.core.exceptions import TooManyRequests, Unavailable
from apps.core.parsers import PictureParser
from apps.core.pictures import SIDES, name_of_size
from apps.core.private_files import show_picture
from apps.core.store import Limit
from apps.orders.exceptions import ImagesNotUsable
from apps.users.views import BuyerView

# Ten requests full of pictures.
UPLOADS_A_DAY = Limit("after-sale-pictures", times=60, seconds=24 * 60 * 60)


@extend_schema(tags=["after-sales"])
class PictureUploadView(BuyerView):
    parser_classes = [PictureParser]
    refusals = {"post": (TooManyRequests, Unavailable)}

    @extend_schema(
        operation_id="after_sales_pictures_upload",
        summary="Upload a picture for an after-sale request",
        description=f"At most {AfterSalePicture.MOST} are shown with one request, which has to name them within a day.",
        request=AfterSalePictureSerializer,
        responses={201: AfterSalePictureSerializer},
    )
    def post(self, request: Request) -> Response:
        UPLOADS_A_DAY.spend(str(self.buyer.pk))
        serializer = AfterSalePictureSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save(user=self.buyer)
        return Response(serializer.data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["after-sales"])
class PictureView(BuyerView):
    """There are no others' pictures, so those are a 404."""

    @extend_schema(
        summary="One of my pictures of an after-sale request",
        parameters=[
            OpenApiParameter(
                "side", int, enum=SIDES, description="Its longest side at most, in pixels."
            )
        ],
        responses={(200, "image/*"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: int) -> FileResponse:
        image = get_object_or_404(AfterSalePicture, pk=pk, user=self.buyer).image
        sizes = {str(side): name_of_size(str(image), side) for side in SIDES}
        name = sizes.get(request.query_params.get("side", ""), str(image))
        return show_picture(name, image.storage)


@extend_schema(tags=["after-sales"])
class AddPicturesView(OwnAfterSalesView):
    refusals = {"post": (WrongAfterSaleState, TooManyPictures, ImagesNotUsable, Unavailable)}

    @extend_schema(
        summary="Add pictures to an after-sale request",
        description="Until the shop has decided.",
        request=AddPicturesSerializer,
        responses=AfterSaleSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        own = self.get_object()
        added = AddPicturesSerializer(data=request.data)
        added.is_valid(raise_exception=True)
        services.add_pictures(own.pk, added.validated_data["pictures"])
        return Response(AfterSaleSerializer(self.get_object()).data)
