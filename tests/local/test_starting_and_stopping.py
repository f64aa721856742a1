"""./run comes up from nothing, stops all of it, and comes up again after the worst."""

import json
import os
import signal
import socket
import subprocess
import urllib.request

from recruit.local import processes
from tests.local.house import House


def workers(house: House) -> set[int]:
    return {pid for pid, words in house.inhabitants().items() if " celery " in words}


def test_it_comes_up_shows_the_way_in_and_loads_the_demo_once(house: House) -> None:
    first = house.start()
    assert first.is_up(), first.said
    recalled = house.call("manage", "recall").stdout

    first.stop()
    again = house.start()
    assert again.is_up(), again.said

    assert "/admin/" in first.said
    assert "staff@example.org" in first.said
    assert recalled == house.call("manage", "recall").stdout == "said: demo\n"


def test_a_signal_stops_everything_it_started_within_ten_seconds(house: House) -> None:
    run = house.start()
    assert run.is_up(), run.said
    assert len(house.inhabitants()) > 5

    seconds = run.stop(signal.SIGTERM)

    assert seconds < 10
    assert run.process.returncode == 0
    assert house.inhabitants() == {}


def test_a_stranger_with_the_number_of_a_dead_worker_is_left_alone(house: House) -> None:
    house.call("manage", "migrate")
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as stranger:
        note = {"pid": stranger.pid, "born": "1"}
        (house.folder / ".local/run/worker.json").write_text(json.dumps(note))

        run = house.start()
        is_up = run.is_up()
        run.stop()
        is_alive = stranger.poll() is None
        stranger.kill()

    assert is_up, run.said
    assert is_alive


def test_after_kill_minus_nine_of_everyone_the_data_is_intact(house: House) -> None:
    run = house.start()
    assert run.is_up(), run.said
    house.call("manage", "say", "kept")

    house.kill_everyone()
    again = house.start()

    assert again.is_up(), again.said
    assert house.call("manage", "recall").stdout == "said: demo kept\n"


def test_after_kill_minus_nine_of_the_launcher_alone_nothing_is_in_the_way(house: House) -> None:
    run = house.start()
    assert run.is_up(), run.said
    web = run.said.split("The public page")[1].split()[0]
    port = web.rstrip("/").rpartition(":")[2]

    run.process.kill()
    run.process.wait()
    again = house.start("--port", port)

    assert again.is_up(), again.said
    again.stop()
    assert house.inhabitants() == {}


def test_a_worker_that_is_killed_is_started_again(house: House) -> None:
    run = house.start()
    assert run.is_up(), run.said
    before = workers(house)

    for pid in before:
        os.kill(pid, signal.SIGKILL)
    is_back = processes.wait_until(lambda: workers(house) - before, seconds=20)

    assert before
    assert is_back, run.said
    assert workers(house) & before == set()


def test_commands_start_the_servers_when_nobody_else_has_and_stop_them_again(house: House) -> None:
    house.call("manage", "migrate")
    house.call("manage", "say", "hello")

    assert house.call("manage", "recall").stdout == "said: hello\n"
    assert house.call("manage", "fail").returncode == 7
    assert house.inhabitants() == {}


def test_the_site_is_only_for_this_machine(house: House) -> None:
    run = house.start()
    assert run.is_up(), run.said
    address = run.said.split("The public page")[1].split()[0]

    with urllib.request.urlopen(f"{address}healthz") as answer:
        body = answer.read()

    assert body == b"ok"
    assert address.startswith("http://127.0.0.1:")
    for server in ("postgres", "valkey"):
        assert (house.folder / ".local" / server / "socket").stat().st_mode & 0o777 == 0o700


def test_a_taken_port_is_said_in_one_sentence(house: House) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        answer = house.call("--port", str(port))

    assert answer.returncode == 1
    assert answer.stderr.startswith(
        f"./run: Port {port} is taken by another program: try ./run --port "
    )
    assert answer.stderr.count("\n") == 1


def test_a_second_start_in_the_same_folder_is_refused(house: House) -> None:
    run = house.start()
    assert run.is_up(), run.said

    answer = house.call()

    assert answer.returncode == 1
    assert "The site already runs from this folder" in answer.stderr


def test_reset_asks_first_and_then_begins_again(house: House) -> None:
    house.call("manage", "migrate")
    house.call("manage", "say", "old")

    refused = house.call("--reset", answer="no\n")
    kept = house.call("manage", "recall").stdout
    run = house.start("--reset", answer="yes\n")

    assert run.is_up(), run.said
    assert "Nothing was removed" in refused.stderr
    assert kept == "said: old\n"
    assert house.call("manage", "recall").stdout == "said: demo\n"


def test_empty_makes_a_staff_user_and_never_loads_the_demo(house: House) -> None:
    run = house.start("--empty")
    assert run.is_up(), run.said
    run.stop()

    again = house.start()

    assert again.is_up(), again.said
    assert house.call("manage", "recall").stdout == "said: staff\n"
    assert "organiser@example.org" not in again.said


def test_a_rehearsal_runs_beside_the_site_only_when_it_is_asked_for(house: House) -> None:
    plain = house.start()
    assert plain.is_up(), plain.said
    number = len(house.inhabitants())
    plain.stop()

    run = house.start("--rehearsal")
    assert run.is_up(), run.said
    address = run.said.split("For rehearsals")[1].split()[0]
    with urllib.request.urlopen(f"{address}healthz") as answer:
        body = answer.read()
    more = len(house.inhabitants())
    run.stop()

    assert "For rehearsals" not in plain.said
    assert body == b"ok"
    assert more > number
    assert house.inhabitants() == {}
