"""The first fictional institute: its platforms, units, sites and people. Nobody and nothing of it exists."""

from __future__ import annotations

from parkbench.accounts.rules import Role
from parkbench.site.demo.habits import GERMAN, SWEDISH, Sheet
from parkbench.site.demo.institute import Change, Institute, SamplePerson, SampleUnit

DIRECTOR = "dana@example.org"

CMI = "Cellular and Molecular Imaging"
DDD = "Drug Discovery and Development"
SPB = "Spatial Biology"
CBG = "Chemical Biology and Genome Engineering"


PLATFORMS = {CMI: "CMI", DDD: "DDD", SPB: "SPB", CBG: "CBGE"}
NORTH, SOUTH, HARBOUR = "Sample Campus North", "Sample Campus South", "Harbour Building (sample)"
SITES = {NORTH: "1 Example Avenue", SOUTH: "20 Example Avenue", HARBOUR: "3 Example Quay"}

UNITS = (
    SampleUnit("ALM", "Advanced Light Microscopy", CMI, NORTH),
    SampleUnit("CEM", "Cryo-EM", CMI, NORTH),
    SampleUnit("VEM", "Volume Electron Microscopy", CMI, NORTH),
    SampleUnit("FCM", "Flow Cytometry", CMI, SOUTH),
    SampleUnit("IVI", "In Vivo Imaging", CMI, SOUTH),
    SampleUnit("HTS", "High-Throughput Screening", DDD, HARBOUR),
    SampleUnit("BSB", "Biophysics and Structural Biology", DDD, HARBOUR),
    SampleUnit("BMS", "Bioanalytical Mass Spectrometry", DDD, HARBOUR),
    SampleUnit("MCH", "Medicinal Chemistry", DDD, HARBOUR),
    SampleUnit("STX", "Spatial Transcriptomics", SPB, SOUTH),
    SampleUnit("SPX", "Spatial Proteomics", SPB, SOUTH),
    SampleUnit("TIH", "Tissue Imaging and Histology", SPB, SOUTH),
    SampleUnit("SCA", "Single-Cell Analysis", SPB, SOUTH),
    SampleUnit("CPX", "Chemical Proteomics", CBG, NORTH),
    SampleUnit("GEN", "Genome Engineering", CBG, NORTH),
    SampleUnit("SEQ", "Sequencing and Genomics", CBG, NORTH),
    SampleUnit("CME", "Cell Models and Electrophysiology", CBG, NORTH),
)

PEOPLE = (
    SamplePerson(DIRECTOR, "Dana Sample", Role.MANAGER),
    SamplePerson("robin@example.org", "Robin Sample", Role.HEAD, CMI),
    SamplePerson("mika@example.org", "Mika Sample", Role.HEAD, DDD),
    SamplePerson("noa@example.org", "Noa Sample", Role.HEAD, SPB),
    SamplePerson("kim@example.org", "Kim Sample", Role.HEAD, CBG),
    SamplePerson("sam@example.org", "Sam Sample", Role.EDITOR, "Advanced Light Microscopy"),
    SamplePerson("jo@example.org", "Jo Sample", Role.EDITOR, "Cryo-EM"),
    SamplePerson("lou@example.org", "Lou Sample", Role.EDITOR, "High-Throughput Screening"),
    SamplePerson("ellis@example.org", "Ellis Sample", Role.EDITOR, "Sequencing and Genomics"),
    SamplePerson("ren@example.org", "Ren Sample", Role.ECONOMICS_READER, DDD),
    SamplePerson("toni@example.org", "Toni Sample", Role.READER),
)

PLACES: dict[str, tuple[str, int]] = {
    "stereo-microscopy": ("ALM", 35),
    "widefield-microscopy": ("ALM", 160),
    "live-cell-imaging": ("ALM", 190),
    "confocal-microscopy": ("ALM", 520),
    "image-scanning-microscopy": ("ALM", 560),
    "spinning-disk-confocal": ("ALM", 450),
    "multiphoton-microscopy": ("ALM", 620),
    "light-sheet-microscopy": ("ALM", 430),
    "lattice-light-sheet": ("ALM", 680),
    "structured-illumination": ("ALM", 480),
    "sted-microscopy": ("ALM", 720),
    "localisation-microscopy": ("ALM", 390),
    "minflux": ("ALM", 1250),
    "flim": ("ALM", 410),
    "holotomography": ("ALM", 220),
    "atomic-force-microscopy": ("ALM", 260),
    "single-particle-cryo-em": ("CEM", 4200),
    "vitrification": ("CEM", 110),
    "transmission-em": ("CEM", 950),
    "cryo-fib-milling": ("CEM", 1350),
    "scanning-em": ("VEM", 450),
    "fib-sem": ("VEM", 1400),
    "clem": ("VEM", 520),
    "em-sample-preparation": ("VEM", 95),
    "x-ray-microscopy": ("VEM", 900),
    "flow-cytometry": ("FCM", 180),
    "spectral-flow-cytometry": ("FCM", 330),
    "cell-sorting": ("FCM", 490),
    "imaging-flow-cytometry": ("FCM", 430),
    "mass-cytometry": ("FCM", 650),
    "mri": ("IVI", 2400),
    "pet-spect": ("IVI", 1150),
    "optical-in-vivo-imaging": ("IVI", 420),
    "micro-ct": ("IVI", 480),
    "ultrasound-imaging": ("IVI", 310),
    "photoacoustic-imaging": ("IVI", 520),
    "high-content-imaging": ("HTS", 480),
    "liquid-handling": ("HTS", 220),
    "acoustic-dispensing": ("HTS", 340),
    "plate-reading": ("HTS", 90),
    "colony-picking": ("HTS", 180),
    "surface-plasmon-resonance": ("BSB", 330),
    "biolayer-interferometry": ("BSB", 150),
    "calorimetry": ("BSB", 140),
    "microscale-thermophoresis": ("BSB", 130),
    "thermal-stability": ("BSB", 120),
    "light-scattering": ("BSB", 110),
    "nanoparticle-tracking": ("BSB", 90),
    "mass-photometry": ("BSB", 190),
    "analytical-ultracentrifugation": ("BSB", 430),
    "circular-dichroism": ("BSB", 130),
    "nmr-spectroscopy": ("BSB", 1800),
    "x-ray-crystallography": ("BSB", 650),
    "crystallisation": ("BSB", 160),
    "saxs": ("BSB", 600),
    "epr-spectroscopy": ("BSB", 520),
    "protein-purification": ("BSB", 95),
    "lc-ms": ("BMS", 620),
    "gc-ms": ("BMS", 150),
    "ft-icr-ms": ("BMS", 1900),
    "icp-ms": ("BMS", 250),
    "ion-mobility-ms": ("BMS", 700),
    "metabolic-flux": ("BMS", 210),
    "liquid-chromatography": ("BMS", 95),
    "gas-chromatography": ("BMS", 85),
    "chemical-synthesis": ("MCH", 120),
    "capillary-electrophoresis": ("MCH", 95),
    "spectroscopy": ("MCH", 55),
    "spatial-transcriptomics": ("STX", 360),
    "spatial-proteomics": ("SPX", 330),
    "imaging-mass-cytometry": ("SPX", 700),
    "ms-imaging": ("SPX", 780),
    "maldi-ms": ("SPX", 520),
    "affinity-proteomics": ("SPX", 160),
    "slide-scanning": ("TIH", 190),
    "sectioning": ("TIH", 45),
    "staining": ("TIH", 60),
    "laser-microdissection": ("TIH", 210),
    "single-cell-sequencing": ("SCA", 110),
    "single-cell-isolation": ("SCA", 250),
    "single-cell-proteomics": ("SCA", 900),
    "sample-dissociation": ("SCA", 25),
    "proteomics": ("CPX", 780),
    "western-blotting": ("CPX", 40),
    "gel-imaging": ("CPX", 30),
    "electroporation": ("GEN", 30),
    "microinjection": ("GEN", 120),
    "gene-synthesis": ("GEN", 200),
    "nucleic-acid-preparation": ("GEN", 60),
    "bioprocessing": ("GEN", 150),
    "short-read-sequencing": ("SEQ", 400),
    "long-read-sequencing": ("SEQ", 330),
    "sanger-sequencing": ("SEQ", 120),
    "pcr": ("SEQ", 12),
    "qpcr": ("SEQ", 45),
    "digital-pcr": ("SEQ", 90),
    "nucleic-acid-qc": ("SEQ", 40),
    "optical-genome-mapping": ("SEQ", 250),
    "microarray": ("SEQ", 120),
    "patch-clamp": ("CME", 130),
    "microelectrode-array": ("CME", 110),
}
"""Technique > the unit that has such instruments and what one costs there, in thousand euros, made up."""

FIRST = Institute(
    key="first",
    name="Institute for Sample Science (sample data)",
    short_name="Sample Institute",
    director=DIRECTOR,
    administrator="admin@example.org",
    platforms=PLATFORMS,
    public_platform=CMI,
    units=UNITS,
    sites=SITES,
    town="Sampleton",
    people=PEOPLE,
    places=PLACES,
    elsewhere=("CME", 28),
    naming="{code}-{number:02} {model}",
    inventory="ISS",
    seed=5005,
    standing=300,
    deleted=4,
    sheets=(
        Sheet(GERMAN, "Imaging inventory (sample)", "Geraeteliste_Bildgebung.csv", frozenset({"ALM", "VEM"})),
        Sheet(SWEDISH, "Sequencing inventory (sample)", "Utrustning_sekvensering.csv", frozenset({"SEQ"})),
    ),
    pictured=("ALM", "CEM"),
    changes=(
        Change(
            "sam@example.org", "ALM", {"configuration": "Four lasers, incubation, two detectors (sample)."}
        ),
        Change("jo@example.org", "CEM", {"notes": "Autoloader serviced (sample note)."}),
        Change("robin@example.org", "FCM", {"status": "limited"}),
        Change("mika@example.org", "HTS", {"status": "out-of-service"}),
        Change("lou@example.org", "HTS", {"configuration": "96 and 384 wells, stacker (sample)."}),
        Change("noa@example.org", "STX", {"insurance": "Sample insurance", "insured_until_on": "today"}),
        Change(
            "kim@example.org", "SEQ", {"criticality": 5, "notes": "Only one of its kind here (sample note)."}
        ),
    ),
    capabilities=(
        ("From tissue to spatial map (sample)", ("TIH", "STX", "SPX")),
        ("From target to hit (sample)", ("HTS", "BSB", "BMS")),
        ("Correlative light and electron microscopy (sample)", ("ALM", "VEM", "CEM")),
    ),
)
"""What `parkbench demo` always made: on port 8001."""
