"""The pages that show areas: all are read anew when one area changes."""

from apps.core.store import Pages

areas = Pages("areas")
