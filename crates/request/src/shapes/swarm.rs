//! Swarm mode.

use super::container::{DRIVER, HEALTHCHECK, MOUNT, ULIMIT};
use crate::shape::{BYTES, EMPTY, FLAG, FLOAT, INT, Kind, MAP, TEXT, TEXTS, UINT, UINT32, shape};

shape! { SWARM_INIT:
    "AdvertiseAddr": TEXT;
    "AutoLockManagers": FLAG;
    "Availability": TEXT;
    "DataPathAddr": TEXT;
    "DataPathPort": UINT32, since 40;
    "DefaultAddrPool": TEXTS, since 39;
    "ForceNewCluster": FLAG;
    "ListenAddr": TEXT;
    "Spec": Kind::Object(&SWARM_SPEC);
    "SubnetSize": UINT32, since 39;
}

shape! { SWARM_SPEC:
    "CAConfig": Kind::Object(&CA_CONFIG);
    "Dispatcher": Kind::Object(&DISPATCHER_CONFIG);
    "EncryptionConfig": Kind::Object(&ENCRYPTION_CONFIG);
    "Labels": MAP;
    "Name": TEXT;
    "Orchestration": Kind::Object(&ORCHESTRATION_CONFIG);
    "Raft": Kind::Object(&RAFT_CONFIG);
    "TaskDefaults": Kind::Object(&TASK_DEFAULTS);
}

shape! { CA_CONFIG:
    "ExternalCAs": Kind::List(&Kind::Object(&EXTERNAL_CA));
    "ForceRotate": UINT;
    "NodeCertExpiry": INT;
    "SigningCACert": TEXT;
    "SigningCAKey": TEXT;
}

shape! { EXTERNAL_CA:
    "CACert": TEXT;
    "Options": MAP;
    "Protocol": TEXT;
    "URL": TEXT;
}

shape! { DISPATCHER_CONFIG:
    "HeartbeatPeriod": INT;
}

shape! { ENCRYPTION_CONFIG:
    "AutoLockManagers": FLAG;
}

shape! { ORCHESTRATION_CONFIG:
    "TaskHistoryRetentionLimit": INT;
}

shape! { RAFT_CONFIG:
    "ElectionTick": INT;
    "HeartbeatTick": INT;
    "KeepOldSnapshots": UINT;
    "LogEntriesForSlowFollowers": UINT;
    "SnapshotInterval": UINT;
}

shape! { TASK_DEFAULTS:
    "LogDriver": Kind::Object(&DRIVER);
}

shape! { SWARM_JOIN:
    "AdvertiseAddr": TEXT;
    "Availability": TEXT;
    "DataPathAddr": TEXT;
    "JoinToken": TEXT;
    "ListenAddr": TEXT;
    "RemoteAddrs": TEXTS;
}

shape! { SWARM_UNLOCK:
    "UnlockKey": TEXT;
}

shape! { SERVICE_SPEC:
    "EndpointSpec": Kind::Object(&ENDPOINT_SPEC);
    "Labels": MAP;
    "Mode": Kind::Object(&SERVICE_MODE);
    "Name": TEXT;
    "Networks": Kind::List(&Kind::Object(&NETWORK_ATTACHMENT_CONFIG));
    "RollbackConfig": Kind::Object(&SERVICE_UPDATE);
    "TaskTemplate": Kind::Object(&TASK_SPEC);
    "UpdateConfig": Kind::Object(&SERVICE_UPDATE);
}

shape! { ENDPOINT_SPEC:
    "Mode": TEXT;
    "Ports": Kind::List(&Kind::Object(&PORT_CONFIG));
}

shape! { PORT_CONFIG:
    "Name": TEXT;
    "Protocol": TEXT;
    "PublishedPort": UINT32;
    "PublishMode": TEXT;
    "TargetPort": UINT32;
}

shape! { SERVICE_MODE:
    "Global": EMPTY;
    "GlobalJob": EMPTY, since 41;
    "Replicated": Kind::Object(&REPLICATED_SERVICE);
    "ReplicatedJob": Kind::Object(&REPLICATED_JOB), since 41;
}

shape! { REPLICATED_SERVICE:
    "Replicas": UINT;
}

shape! { REPLICATED_JOB:
    "MaxConcurrent": UINT;
    "TotalCompletions": UINT;
}

shape! { NETWORK_ATTACHMENT_CONFIG:
    "Aliases": TEXTS;
    "DriverOpts": MAP;
    "Target": TEXT;
}

shape! { SERVICE_UPDATE:
    "Delay": INT;
    "FailureAction": TEXT;
    "MaxFailureRatio": FLOAT;
    "Monitor": INT;
    "Order": TEXT;
    "Parallelism": UINT;
}

shape! { TASK_SPEC:
    "ContainerSpec": Kind::Object(&CONTAINER_SPEC);
    "ForceUpdate": UINT;
    "LogDriver": Kind::Object(&DRIVER);
    "NetworkAttachmentSpec": Kind::Object(&NETWORK_ATTACHMENT_SPEC);
    "Networks": Kind::List(&Kind::Object(&NETWORK_ATTACHMENT_CONFIG));
    "Placement": Kind::Object(&PLACEMENT);
    "PluginSpec": Kind::Object(&PLUGIN_SPEC);
    "Resources": Kind::Object(&RESOURCE_REQUIREMENTS);
    "RestartPolicy": Kind::Object(&TASK_RESTART_POLICY);
    "Runtime": TEXT;
}

shape! { CONTAINER_SPEC:
    "Args": TEXTS;
    "CapabilityAdd": TEXTS, since 41;
    "CapabilityDrop": TEXTS, since 41;
    "Command": TEXTS;
    "Configs": Kind::List(&Kind::Object(&CONFIG_REFERENCE));
    "Dir": TEXT;
    "DNSConfig": Kind::Object(&DNS_CONFIG);
    "Env": TEXTS;
    "Groups": TEXTS;
    "Healthcheck": Kind::Object(&HEALTHCHECK);
    "Hostname": TEXT;
    "Hosts": TEXTS;
    "Image": TEXT;
    "Init": FLAG;
    "Isolation": TEXT;
    "Labels": MAP;
    "Mounts": Kind::List(&Kind::Object(&MOUNT));
    "OomScoreAdj": INT, since 46;
    "OpenStdin": FLAG;
    "Privileges": Kind::Object(&PRIVILEGES);
    "ReadOnly": FLAG;
    "Secrets": Kind::List(&Kind::Object(&SECRET_REFERENCE));
    "StopGracePeriod": INT;
    "StopSignal": TEXT;
    "Sysctls": MAP;
    "TTY": FLAG;
    "Ulimits": Kind::List(&Kind::Object(&ULIMIT)), since 41;
    "User": TEXT;
}

shape! { CONFIG_REFERENCE:
    "ConfigID": TEXT;
    "ConfigName": TEXT;
    "File": Kind::Object(&CONFIG_REFERENCE_FILE_TARGET);
    "Runtime": EMPTY;
}

shape! { CONFIG_REFERENCE_FILE_TARGET:
    "GID": TEXT;
    "Mode": UINT32;
    "Name": TEXT;
    "UID": TEXT;
}

shape! { DNS_CONFIG:
    "Nameservers": TEXTS;
    "Options": TEXTS;
    "Search": TEXTS;
}

shape! { PRIVILEGES:
    "AppArmor": Kind::Object(&APP_ARMOR_OPTS), since 44;
    "CredentialSpec": Kind::Object(&CREDENTIAL_SPEC);
    "NoNewPrivileges": FLAG, since 44;
    "Seccomp": Kind::Object(&SECCOMP_OPTS), since 44;
    "SELinuxContext": Kind::Object(&SE_LINUX_CONTEXT);
}

shape! { CREDENTIAL_SPEC:
    "Config": TEXT;
    "File": TEXT;
    "Registry": TEXT;
}

shape! { SE_LINUX_CONTEXT:
    "Disable": FLAG;
    "Level": TEXT;
    "Role": TEXT;
    "Type": TEXT;
    "User": TEXT;
}

shape! { APP_ARMOR_OPTS:
    "Mode": TEXT;
}

shape! { SECCOMP_OPTS:
    "Mode": TEXT;
    "Profile": BYTES;
}

shape! { SECRET_REFERENCE:
    "File": Kind::Object(&SECRET_REFERENCE_FILE_TARGET);
    "SecretID": TEXT;
    "SecretName": TEXT;
}

shape! { SECRET_REFERENCE_FILE_TARGET:
    "GID": TEXT;
    "Mode": UINT32;
    "Name": TEXT;
    "UID": TEXT;
}

shape! { NETWORK_ATTACHMENT_SPEC:
    "ContainerID": TEXT;
}

shape! { PLACEMENT:
    "Constraints": TEXTS;
    "MaxReplicas": UINT;
    "Platforms": Kind::List(&Kind::Object(&PLATFORM));
    "Preferences": Kind::List(&Kind::Object(&PLACEMENT_PREFERENCE));
}

shape! { PLATFORM:
    "Architecture": TEXT;
    "OS": TEXT;
    "os.features": TEXTS;
    "os.version": TEXT;
    "variant": TEXT;
}

shape! { PLACEMENT_PREFERENCE:
    "Spread": Kind::Object(&SPREAD_OVER);
}

shape! { SPREAD_OVER:
    "SpreadDescriptor": TEXT;
}

shape! { PLUGIN_SPEC:
    "disabled": FLAG;
    "env": TEXTS;
    "name": TEXT;
    "privileges": Kind::List(&Kind::Object(&RUNTIME_PRIVILEGE));
    "remote": TEXT;
}

shape! { RUNTIME_PRIVILEGE:
    "description": TEXT;
    "name": TEXT;
    "value": TEXTS;
}

shape! { RESOURCE_REQUIREMENTS:
    "Limits": Kind::Object(&LIMIT);
    "Reservations": Kind::Object(&SERVICE_RESOURCES);
}

shape! { LIMIT:
    "MemoryBytes": INT;
    "NanoCPUs": INT;
    "Pids": INT;
}

shape! { SERVICE_RESOURCES:
    "GenericResources": Kind::List(&Kind::Object(&GENERIC_RESOURCE));
    "MemoryBytes": INT;
    "NanoCPUs": INT;
}

shape! { GENERIC_RESOURCE:
    "DiscreteResourceSpec": Kind::Object(&DISCRETE_GENERIC_RESOURCE);
    "NamedResourceSpec": Kind::Object(&NAMED_GENERIC_RESOURCE);
}

shape! { DISCRETE_GENERIC_RESOURCE:
    "Kind": TEXT;
    "Value": INT;
}

shape! { NAMED_GENERIC_RESOURCE:
    "Kind": TEXT;
    "Value": TEXT;
}

shape! { TASK_RESTART_POLICY:
    "Condition": TEXT;
    "Delay": INT;
    "MaxAttempts": UINT;
    "Window": INT;
}

shape! { NODE_SPEC:
    "Availability": TEXT;
    "Labels": MAP;
    "Name": TEXT;
    "Role": TEXT;
}

shape! { SECRET_SPEC:
    "Data": BYTES;
    "Driver": Kind::Object(&DRIVER);
    "Labels": MAP;
    "Name": TEXT;
    "Templating": Kind::Object(&DRIVER);
}

shape! { CONFIG_SPEC:
    "Data": BYTES;
    "Labels": MAP;
    "Name": TEXT;
    "Templating": Kind::Object(&DRIVER);
}
