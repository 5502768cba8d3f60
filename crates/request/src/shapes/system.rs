//! Registries' credentials and the privileges of plugins.

use crate::shape::{TEXT, TEXTS, shape};

shape! { AUTH:
    "auth": TEXT;
    "email": TEXT;
    "identitytoken": TEXT;
    "password": TEXT;
    "registrytoken": TEXT;
    "serveraddress": TEXT;
    "username": TEXT;
}

shape! { PLUGIN_PRIVILEGE:
    "Description": TEXT;
    "Name": TEXT;
    "Value": TEXTS;
}
