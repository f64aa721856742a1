"""Where ./run and ./test enter, with nothing but the standard library.

The package `recruit` imports Celery, which is not installed yet; a stand-in of the same name and
place lets `recruit.local` be imported without it.
"""

import runpy
import sys
import types
from pathlib import Path

recruit = types.ModuleType("recruit")
recruit.__path__ = [str(Path(__file__).resolve().parent.parent)]
sys.modules["recruit"] = recruit
sys.dont_write_bytecode = True

runpy.run_module("recruit.local.commands", run_name="__main__")
