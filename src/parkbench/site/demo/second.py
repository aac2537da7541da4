"""The second fictional institute, a partner of the first: smaller, with other names for what both have."""

from __future__ import annotations

from parkbench.accounts.rules import Role
from parkbench.site.demo.first import FIRST
from parkbench.site.demo.institute import Change, Institute, SamplePerson, SampleUnit

DIRECTOR = "vera@example.net"

IMG = "Imaging Technologies"
OMX = "Omics Technologies"
MAT = "Structure and Materials"

PLATFORMS = {IMG: "IMG", OMX: "OMX", MAT: "MAT"}
HILL, LAKE = "Example Hill (sample)", "Lakeside (sample)"
SITES = {HILL: "7 Sample Street", LAKE: "2 Sample Shore"}
UNITS = (
    SampleUnit("BIC", "Bioimaging Centre", IMG, HILL),
    SampleUnit("EMF", "Electron Microscopy Facility", IMG, HILL),
    SampleUnit("CYT", "Cytometry Facility", IMG, LAKE),
    SampleUnit("GNX", "Genomics Facility", OMX, LAKE),
    SampleUnit("PMX", "Proteomics and Metabolomics", OMX, LAKE),
    SampleUnit("CHB", "Chemical Biology", OMX, LAKE),
    SampleUnit("NXR", "NMR and X-ray", MAT, HILL),
    SampleUnit("SFA", "Surface Analysis", MAT, HILL),
)
PEOPLE = (
    SamplePerson(DIRECTOR, "Vera Example", Role.MANAGER),
    SamplePerson("igor@example.net", "Igor Example", Role.HEAD, IMG),
    SamplePerson("olga@example.net", "Olga Example", Role.HEAD, OMX),
    SamplePerson("mats@example.net", "Mats Example", Role.HEAD, MAT),
    SamplePerson("bea@example.net", "Bea Example", Role.EDITOR, "Bioimaging Centre"),
    SamplePerson("toby@example.net", "Toby Example", Role.READER),
)
PLACES: dict[str, tuple[str, int]] = {
    "widefield-microscopy": ("BIC", 170),
    "live-cell-imaging": ("BIC", 210),
    "confocal-microscopy": ("BIC", 490),
    "spinning-disk-confocal": ("BIC", 470),
    "multiphoton-microscopy": ("BIC", 640),
    "light-sheet-microscopy": ("BIC", 400),
    "structured-illumination": ("BIC", 500),
    "sted-microscopy": ("BIC", 700),
    "slide-scanning": ("BIC", 180),
    "high-content-imaging": ("BIC", 460),
    "single-particle-cryo-em": ("EMF", 4500),
    "transmission-em": ("EMF", 900),
    "scanning-em": ("EMF", 430),
    "fib-sem": ("EMF", 1350),
    "em-sample-preparation": ("EMF", 90),
    "vitrification": ("EMF", 115),
    "flow-cytometry": ("CYT", 175),
    "spectral-flow-cytometry": ("CYT", 350),
    "cell-sorting": ("CYT", 500),
    "short-read-sequencing": ("GNX", 420),
    "long-read-sequencing": ("GNX", 310),
    "single-cell-sequencing": ("GNX", 120),
    "spatial-transcriptomics": ("GNX", 380),
    "qpcr": ("GNX", 42),
    "digital-pcr": ("GNX", 95),
    "nucleic-acid-qc": ("GNX", 38),
    "lc-ms": ("PMX", 640),
    "proteomics": ("PMX", 800),
    "gc-ms": ("PMX", 160),
    "ion-mobility-ms": ("PMX", 690),
    "maldi-ms": ("PMX", 500),
    "liquid-chromatography": ("PMX", 92),
    "liquid-handling": ("CHB", 210),
    "acoustic-dispensing": ("CHB", 330),
    "plate-reading": ("CHB", 85),
    "surface-plasmon-resonance": ("CHB", 340),
    "nmr-spectroscopy": ("NXR", 1900),
    "x-ray-crystallography": ("NXR", 620),
    "saxs": ("NXR", 610),
    "atomic-force-microscopy": ("SFA", 270),
    "x-ray-microscopy": ("SFA", 880),
    "spectroscopy": ("SFA", 60),
}

SECOND = Institute(
    key="second",
    name="Centre for Example Biology (sample data)",
    short_name="Example Centre",
    director=DIRECTOR,
    administrator="admin@example.net",
    platforms=PLATFORMS,
    public_platform=IMG,
    units=UNITS,
    sites=SITES,
    town="Exampleby",
    people=PEOPLE,
    places=PLACES,
    elsewhere=None,
    naming="{alias}, {code} no. {number}",
    inventory="CEB",
    seed=8002,
    standing=120,
    deleted=2,
    like=FIRST,
    pictured=("BIC",),
    changes=(
        Change("bea@example.net", "BIC", {"configuration": "Five lasers, two incubators (sample)."}),
        Change("igor@example.net", "EMF", {"status": "limited"}),
        Change("olga@example.net", "GNX", {"notes": "Waits for its yearly service (sample note)."}),
    ),
    capabilities=(
        ("From cell to atom (sample)", ("BIC", "EMF", "NXR")),
        ("Genes and proteins of one sample (sample)", ("GNX", "PMX")),
    ),
)
"""The partner that `parkbench demo` makes beside the first one: on port 8002."""
