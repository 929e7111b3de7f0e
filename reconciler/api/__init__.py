"""The client of the MaxContact Management API: paths and payloads, no kinds; the only room that knows httpx."""
