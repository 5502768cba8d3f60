//! Networks and who is attached.

use super::container::ENDPOINT_SETTINGS;
use crate::shape::{FLAG, Kind, MAP, TEXT, shape};

shape! { NETWORK_CREATE:
    "Attachable": FLAG;
    "CheckDuplicate": FLAG;
    "ConfigFrom": Kind::Object(&NETWORK_CONFIG_REFERENCE);
    "ConfigOnly": FLAG;
    "Driver": TEXT;
    "EnableIPv4": FLAG, since 48;
    "EnableIPv6": FLAG;
    "Ingress": FLAG;
    "Internal": FLAG;
    "IPAM": Kind::Object(&IPAM);
    "Labels": MAP;
    "Name": TEXT;
    "Options": MAP;
    "Scope": TEXT;
}

shape! { NETWORK_CONFIG_REFERENCE:
    "Network": TEXT;
}

shape! { IPAM:
    "Config": Kind::List(&Kind::Object(&IPAM_CONFIG));
    "Driver": TEXT;
    "Options": MAP;
}

shape! { IPAM_CONFIG:
    "AuxiliaryAddresses": MAP;
    "Gateway": TEXT;
    "IPRange": TEXT;
    "Subnet": TEXT;
}

shape! { NETWORK_CONNECT:
    "Container": TEXT;
    "EndpointConfig": Kind::Object(&ENDPOINT_SETTINGS);
}

shape! { NETWORK_DISCONNECT:
    "Container": TEXT;
    "Force": FLAG;
}
