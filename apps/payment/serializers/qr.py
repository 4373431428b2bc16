import io

import segno


def qr_svg(text: str) -> str:
    """A QR code as one ``<svg>`` element, as large as the page lets it be, with its quiet zone."""
    drawing = io.BytesIO()
    # Not a Micro QR code, which phones do not read; white below it, for pages that are dark.
    segno.make_qr(text, error="m").save(
        drawing, kind="svg", xmldecl=False, nl=False, omitsize=True, dark="#000", light="#fff"
    )
    return drawing.getvalue().decode()
