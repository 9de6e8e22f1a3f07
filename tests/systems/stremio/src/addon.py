"""What Stremio asks an add-on for: a manifest, and catalogs."""

MANIFEST = {
    "id": "test.dockwright.live-films",
    "version": "1.0.0",
    "name": "Films on television now",
    "description": "What the programme guide lists at this moment",
    "resources": ["catalog"],
    "types": ["movie"],
    "catalogs": [{"type": "movie", "id": "live", "name": "On now"}],
    "idPrefixes": ["live:"],
}


def catalog_of(rows):
    """A catalog entry for each row of the guide that is on now."""
    return {
        "metas": [
            {
                "id": f"live:{row['channel'].lower().replace(' ', '-')}",
                "type": "movie",
                "name": row["title"],
                "releaseInfo": row["year"],
                "description": f"{row['channel']}, {row['start']} to {row['end']}",
            }
            for row in rows
        ]
    }
