"""``python -m ckanext.budget.standalone``."""

from ckanext.budget.standalone import main

if __name__ == "__main__":
    raise SystemExit(main())
