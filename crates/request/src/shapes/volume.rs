//! Volumes.

use crate::shape::{EMPTY, INT, Kind, MAP, TEXT, TEXTS, shape};

shape! { VOLUME_CREATE:
    "ClusterVolumeSpec": Kind::Object(&CLUSTER_VOLUME_SPEC), since 42;
    "Driver": TEXT;
    "DriverOpts": MAP;
    "Labels": MAP;
    "Name": TEXT;
}

shape! { CLUSTER_VOLUME_SPEC:
    "AccessibilityRequirements": Kind::Object(&TOPOLOGY_REQUIREMENT);
    "AccessMode": Kind::Object(&ACCESS_MODE);
    "Availability": TEXT;
    "CapacityRange": Kind::Object(&CAPACITY_RANGE);
    "Group": TEXT;
    "Secrets": Kind::List(&Kind::Object(&VOLUME_SECRET));
}

shape! { ACCESS_MODE:
    "BlockVolume": EMPTY;
    "MountVolume": Kind::Object(&TYPE_MOUNT);
    "Scope": TEXT;
    "Sharing": TEXT;
}

shape! { TYPE_MOUNT:
    "FsType": TEXT;
    "MountFlags": TEXTS;
}

shape! { TOPOLOGY_REQUIREMENT:
    "Preferred": Kind::List(&Kind::Object(&TOPOLOGY));
    "Requisite": Kind::List(&Kind::Object(&TOPOLOGY));
}

shape! { TOPOLOGY:
    "Segments": MAP;
}

shape! { CAPACITY_RANGE:
    "LimitBytes": INT;
    "RequiredBytes": INT;
}

shape! { VOLUME_SECRET:
    "Key": TEXT;
    "Secret": TEXT;
}

shape! { VOLUME_UPDATE:
    "Spec": Kind::Object(&CLUSTER_VOLUME_SPEC);
}
