"""An image of one layer, for benches/peers: layout-gzip (OCI) and save.tar (`docker save` before engine 25) in FOLDER,
made of its x.tar and x.tar.gz."""

import hashlib
import io
import json
import os
import sys
import tarfile

folder = sys.argv[1]


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


plain, packed = f"{folder}/x.tar", f"{folder}/x.tar.gz"
config = json.dumps(
    {
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + sha256(plain)]},
        "history": [{"created": "2026-11-28T00:00:00Z", "created_by": "ADD rootfs.tar / # buildkit"}],
    }
).encode()
layout = f"{folder}/layout-gzip"
os.makedirs(f"{layout}/blobs/sha256")


def descriptor(kind, size, digest):
    return {"mediaType": f"application/vnd.oci.image.{kind}", "size": size, "digest": "sha256:" + digest}


def put(kind, content):
    digest = hashlib.sha256(content).hexdigest()
    with open(f"{layout}/blobs/sha256/{digest}", "wb") as file:
        file.write(content)
    return descriptor(kind, len(content), digest)


digest = sha256(packed)
os.link(packed, f"{layout}/blobs/sha256/{digest}")
layer = descriptor("layer.v1.tar+gzip", os.path.getsize(packed), digest)
manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json"}
manifest |= {"config": put("config.v1+json", config), "layers": [layer]}
named = put("manifest.v1+json", json.dumps(manifest).encode())
named["annotations"] = {"org.opencontainers.image.ref.name": "standard:1"}
with open(f"{layout}/index.json", "w") as file:
    json.dump({"schemaVersion": 2, "manifests": [named]}, file)
with open(f"{layout}/oci-layout", "w") as file:
    json.dump({"imageLayoutVersion": "1.0.0"}, file)

with tarfile.open(f"{folder}/save.tar", "w", format=tarfile.USTAR_FORMAT) as tar:

    def add(name, content):
        info = tarfile.TarInfo(name)
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))

    name, configured = "a" * 64, hashlib.sha256(config).hexdigest()
    add(f"{name}/VERSION", b"1.0")
    tar.add(plain, arcname=f"{name}/layer.tar")
    add(f"{configured}.json", config)
    image = {"Config": f"{configured}.json", "RepoTags": ["standard:1"], "Layers": [f"{name}/layer.tar"]}
    add("manifest.json", json.dumps([image]).encode())
