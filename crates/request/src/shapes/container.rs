//! Containers: what they are made with, run in, and changed to.

use crate::shape::{
    EMPTY, FLAG, INT, Kind, MAP, PAIR, SET, TEXT, TEXTS, UINT, UINT16, UINT32, UNREAD, WORDS, shape,
};

shape! { CONFIG:
    "ArgsEscaped": FLAG;
    "AttachStderr": FLAG;
    "AttachStdin": FLAG;
    "AttachStdout": FLAG;
    "Cmd": WORDS;
    "Domainname": TEXT;
    "Entrypoint": WORDS;
    "Env": TEXTS;
    "ExposedPorts": SET;
    "Healthcheck": Kind::Object(&HEALTHCHECK);
    "Hostname": TEXT;
    "Image": TEXT;
    "Labels": MAP;
    "MacAddress": TEXT;
    "NetworkDisabled": FLAG;
    "OnBuild": TEXTS;
    "OpenStdin": FLAG;
    "Shell": WORDS;
    "StdinOnce": FLAG;
    "StopSignal": TEXT;
    "StopTimeout": INT;
    "Tty": FLAG;
    "User": TEXT;
    "Volumes": SET;
    "WorkingDir": TEXT;
}

shape! { HEALTHCHECK:
    "Interval": INT;
    "Retries": INT;
    "StartInterval": INT, since 44;
    "StartPeriod": INT;
    "Test": TEXTS;
    "Timeout": INT;
}

shape! { HOST_CONFIG, with RESOURCES:
    "Annotations": MAP, since 43;
    "AutoRemove": FLAG;
    "Binds": TEXTS;
    "CapAdd": WORDS;
    "CapDrop": WORDS;
    "Cgroup": TEXT;
    "CgroupnsMode": TEXT, since 41;
    "ConsoleSize": PAIR;
    "ContainerIDFile": TEXT;
    "Dns": TEXTS;
    "DnsOptions": TEXTS;
    "DnsSearch": TEXTS;
    "ExtraHosts": TEXTS;
    "GroupAdd": TEXTS;
    "Init": FLAG;
    "IpcMode": TEXT;
    "Isolation": TEXT;
    "Links": TEXTS;
    "LogConfig": Kind::Object(&LOG_CONFIG);
    "MaskedPaths": TEXTS, since 38;
    "Mounts": Kind::List(&Kind::Object(&MOUNT));
    "NetworkMode": TEXT;
    "OomScoreAdj": INT;
    "PidMode": TEXT;
    "PortBindings": Kind::Map(&Kind::List(&Kind::Object(&PORT_BINDING)));
    "Privileged": FLAG;
    "PublishAllPorts": FLAG;
    "ReadonlyPaths": TEXTS, since 38;
    "ReadonlyRootfs": FLAG;
    "Runtime": TEXT;
    "SecurityOpt": TEXTS;
    "ShmSize": INT;
    "StorageOpt": MAP;
    "Sysctls": MAP;
    "Tmpfs": MAP;
    "UsernsMode": TEXT;
    "UTSMode": TEXT;
    "VolumeDriver": TEXT;
    "VolumesFrom": TEXTS;
}

shape! { RESOURCES:
    "BlkioDeviceReadBps": Kind::List(&Kind::Object(&THROTTLE_DEVICE));
    "BlkioDeviceReadIOps": Kind::List(&Kind::Object(&THROTTLE_DEVICE));
    "BlkioDeviceWriteBps": Kind::List(&Kind::Object(&THROTTLE_DEVICE));
    "BlkioDeviceWriteIOps": Kind::List(&Kind::Object(&THROTTLE_DEVICE));
    "BlkioWeight": UINT16;
    "BlkioWeightDevice": Kind::List(&Kind::Object(&WEIGHT_DEVICE));
    "CgroupParent": TEXT;
    "CpuCount": INT;
    "CpuPercent": INT;
    "CpuPeriod": INT;
    "CpuQuota": INT;
    "CpuRealtimePeriod": INT;
    "CpuRealtimeRuntime": INT;
    "CpusetCpus": TEXT;
    "CpusetMems": TEXT;
    "CpuShares": INT;
    "DeviceCgroupRules": TEXTS;
    "DeviceRequests": Kind::List(&Kind::Object(&DEVICE_REQUEST)), since 40;
    "Devices": Kind::List(&Kind::Object(&DEVICE_MAPPING));
    "IOMaximumBandwidth": UINT;
    "IOMaximumIOps": UINT;
    "KernelMemory": INT;
    "KernelMemoryTCP": INT, since 40;
    "Memory": INT;
    "MemoryReservation": INT;
    "MemorySwap": INT;
    "MemorySwappiness": INT;
    "NanoCpus": INT;
    "OomKillDisable": FLAG;
    "PidsLimit": INT;
    "RestartPolicy": Kind::Object(&RESTART_POLICY);
    "Ulimits": Kind::List(&Kind::Object(&ULIMIT));
}

shape! { THROTTLE_DEVICE:
    "Path": TEXT;
    "Rate": UINT;
}

shape! { WEIGHT_DEVICE:
    "Path": TEXT;
    "Weight": UINT16;
}

shape! { DEVICE_REQUEST:
    "Capabilities": Kind::List(&TEXTS), since 41;
    "Count": INT;
    "DeviceIDs": TEXTS;
    "Driver": TEXT;
    "Options": MAP;
}

shape! { DEVICE_MAPPING:
    "CgroupPermissions": TEXT;
    "PathInContainer": TEXT;
    "PathOnHost": TEXT;
}

shape! { LOG_CONFIG:
    "Config": MAP;
    "Type": TEXT;
}

shape! { MOUNT:
    "BindOptions": Kind::Object(&BIND_OPTIONS);
    "ClusterOptions": EMPTY, since 42;
    "Consistency": TEXT;
    "ImageOptions": Kind::Object(&IMAGE_OPTIONS), since 48;
    "ReadOnly": FLAG;
    "Source": TEXT;
    "Target": TEXT;
    "TmpfsOptions": Kind::Object(&TMPFS_OPTIONS);
    "Type": TEXT;
    "VolumeOptions": Kind::Object(&VOLUME_OPTIONS);
}

shape! { BIND_OPTIONS:
    "CreateMountpoint": FLAG, since 42;
    "NonRecursive": FLAG, since 40;
    "Propagation": TEXT;
    "ReadOnlyForceRecursive": FLAG, since 44;
    "ReadOnlyNonRecursive": FLAG, since 44;
}

shape! { TMPFS_OPTIONS:
    "Mode": UINT32;
    "Options": Kind::List(&TEXTS), since 46;
    "SizeBytes": INT;
}

shape! { VOLUME_OPTIONS:
    "DriverConfig": Kind::Object(&DRIVER);
    "Labels": MAP;
    "NoCopy": FLAG;
    "Subpath": TEXT, since 45;
}

shape! { DRIVER:
    "Name": TEXT;
    "Options": MAP;
}

shape! { IMAGE_OPTIONS:
    "Subpath": TEXT, since 45;
}

shape! { PORT_BINDING:
    "HostIp": TEXT;
    "HostPort": TEXT;
}

shape! { RESTART_POLICY:
    "MaximumRetryCount": INT;
    "Name": TEXT;
}

shape! { ULIMIT:
    "Hard": INT;
    "Name": TEXT;
    "Soft": INT;
}

shape! { NETWORKING_CONFIG:
    "EndpointsConfig": Kind::Map(&Kind::Object(&ENDPOINT_SETTINGS));
}

shape! { ENDPOINT_SETTINGS:
    "Aliases": TEXTS;
    "DNSNames": TEXTS, since 44;
    "DriverOpts": MAP;
    "EndpointID": TEXT;
    "Gateway": TEXT;
    "GlobalIPv6Address": TEXT;
    "GlobalIPv6PrefixLen": INT;
    "GwPriority": INT, since 48;
    "IPAddress": TEXT;
    "IPAMConfig": Kind::Object(&ENDPOINT_IPAM_CONFIG);
    "IPPrefixLen": INT;
    "IPv6Gateway": TEXT;
    "Links": TEXTS;
    "MacAddress": TEXT;
    "NetworkID": TEXT;
}

shape! { ENDPOINT_IPAM_CONFIG:
    "IPv4Address": TEXT;
    "IPv6Address": TEXT;
    "LinkLocalIPs": TEXTS;
}

shape! { EXEC:
    "AttachStderr": FLAG;
    "AttachStdin": FLAG;
    "AttachStdout": FLAG;
    "Cmd": TEXTS;
    "ConsoleSize": PAIR, since 42;
    // Docker's library for Python says here again what the path says.
    "Container": UNREAD;
    "Detach": FLAG;
    "DetachKeys": TEXT;
    "Env": TEXTS;
    "Privileged": FLAG;
    "Tty": FLAG;
    "User": TEXT;
    "WorkingDir": TEXT;
}

shape! { EXEC_START:
    "ConsoleSize": PAIR, since 42;
    "Detach": FLAG;
    "Tty": FLAG;
}

shape! { UPDATE, with RESOURCES:
}

shape! { CHECKPOINT:
    "CheckpointDir": TEXT;
    "CheckpointID": TEXT;
    "Exit": FLAG;
}

shape! { CREATE, with CONFIG:
    "HostConfig": Kind::Object(&HOST_CONFIG);
    "NetworkingConfig": Kind::Object(&NETWORKING_CONFIG);
}
