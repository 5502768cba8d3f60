"""What programs do by Docker's library for Python (Ansible, CI runners), for one engine at $DOCKER_HOST."""
import io
import tarfile
import time

import docker

client = docker.from_env(version="auto", timeout=60)


def say(name, ask):
    print(f"\n## {name}")
    code = 0
    try:
        print(ask())
    except docker.errors.APIError as error:
        print(error.response.status_code, error.explanation)
        code = 1
    print(f"## exit code {code}", flush=True)


def tarred(content):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo("file")
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


say("version", lambda: client.version()["ApiVersion"])
say("ping", client.ping)
say("info", lambda: client.info()["Driver"])
say("df", lambda: sorted(client.df()))
say("images", lambda: sorted(tag for image in client.images.list() for tag in image.tags))
say("list", lambda: [one.name for one in client.containers.list(all=True)])
say("run", lambda: client.containers.run("busybox", ["echo", "hi"], remove=True, network_mode="none"))
say("run-detached", lambda: client.containers.run(
    "busybox", ["sleep", "600"], detach=True, name="box", labels={"a": "b"}, environment={"A": "b"}, init=True,
    volumes={"vol": {"bind": "/v", "mode": "rw"}}, mem_limit="64m", ports={"80/tcp": None}).name)
box = client.containers.get("box")
say("exec", lambda: box.exec_run("echo in"))
say("exec-both", lambda: box.exec_run(["sh", "-c", "echo out; echo err >&2; exit 3"], demux=True))
say("logs", box.logs)
say("top", lambda: len(box.top()["Processes"]))
say("stats", lambda: sorted(box.stats(stream=False))[:3])
say("diff", lambda: sorted(one["Path"] for one in box.diff()))
say("put", lambda: box.put_archive("/tmp", tarred(b"hi")))
say("get", lambda: box.get_archive("/tmp/file")[1]["size"])
say("export", lambda: sum(len(piece) for piece in box.export()) > 1000)
say("commit", lambda: box.commit("committed", "1").tags)
say("update", lambda: box.update(mem_limit="128m", memswap_limit="128m"))
say("rename", lambda: box.rename("crate"))
say("pause", lambda: (box.pause(), box.unpause()))
say("attach", lambda: box.attach_socket(params={"stdout": 1, "stream": 1}) is not None)
say("resize", lambda: box.resize(20, 20))
say("restart", lambda: box.restart(timeout=1))
say("stop", lambda: box.stop(timeout=1))
say("wait", box.wait)
say("start", box.start)
say("kill", box.kill)
say("remove", lambda: box.remove(v=True, force=True))
say("rmi", lambda: client.images.remove("committed:1"))
say("build", lambda: client.images.build(
    fileobj=io.BytesIO(b"FROM busybox\nRUN true\n"), tag="built", rm=True, network_mode="none")[0].tags)
say("tag", lambda: client.images.get("built").tag("tagged", "1", force=True))
say("history", lambda: len(client.images.get("built").history()))
saved = b"".join(client.images.get("built").save())
say("load", lambda: client.images.load(saved)[0].tags)
say("rmi-both", lambda: (client.images.remove("built"), client.images.remove("tagged:1", force=True)))
say("pull", lambda: client.images.pull("127.0.0.1:9/nothing", tag="1"))
say("push", lambda: client.images.push("127.0.0.1:9/nothing", tag="1"))
say("network", lambda: client.networks.create("net", check_duplicate=True, labels={"a": "b"}).name)
say("networks", lambda: sorted(one.name for one in client.networks.list()))
client.api.create_container("busybox", "true", name="late")
say("connect", lambda: client.networks.get("net").connect("late", aliases=["alias"]))
say("disconnect", lambda: client.networks.get("net").disconnect("late", force=True))
say("container-remove", lambda: client.api.remove_container("late"))
say("network-remove", lambda: client.networks.get("net").remove())
say("volume", lambda: client.volumes.create("made", driver="local", driver_opts={}, labels={"a": "b"}).name)
say("volumes", lambda: sorted(one.name for one in client.volumes.list()))
say("volumes-remove", lambda: [one.remove() for one in client.volumes.list()])
say("events", lambda: {event["Type"] for event in client.events(
    since=int(time.time()) - 9, until=int(time.time()), filters={"type": "volume"}, decode=True)})
say("prune", lambda: (client.containers.prune(), client.networks.prune(), client.volumes.prune()))
say("left", lambda: client.containers.list(all=True))
