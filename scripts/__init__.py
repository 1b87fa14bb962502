"""Scripts for developers and operators: zip builders, the local AWS, the demo, migrations."""
