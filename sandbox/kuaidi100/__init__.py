"""快递100's real-time query: each parcel has a story of four minutes, which begins when it is first asked after."""
