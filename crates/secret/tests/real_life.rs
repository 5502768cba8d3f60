//! Lines as they are met: what is a secret, and what isn't.

use dockward_secret::{in_value, redact, redact_argv};

/// The environments of official images and of everyday services.
const NO_SECRETS: &str = "
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
PWD=/srv/app
OLDPWD=/
HOME=/root
LANG=C.UTF-8
GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D
GPG_KEYS=39B641343D8C104B2B146DC3F9C39DC0B9698544 E60913E4DF209907D8E30D96659A97C9CF2A795A
PYTHON_VERSION=3.12.4
PYTHON_SHA256=f6d419a6d8743ab26700801b4908d26d97e8b986e14f95de31b32de2b0e79554
PYTHON_GET_PIP_URL=https://github.com/pypa/get-pip/raw/dbf0c85f76fb6e1ab42aa672ffca6f0a675d9ee4/public/get-pip.py
NODE_VERSION=20.15.0
YARN_VERSION=1.22.22
NGINX_VERSION=1.29.1
NJS_VERSION=0.9.1
NJS_RELEASE=1~bookworm
PKG_RELEASE=1~bookworm
PGDATA=/var/lib/postgresql/data
PG_VERSION=16.3-1.pgdg120+1
GOSU_VERSION=1.17
POSTGRES_HOST_AUTH_METHOD=trust
POSTGRES_INITDB_ARGS=--auth-host=scram-sha-256
POSTGRES_USER=app
POSTGRES_PASSWORD_FILE=/run/secrets/db_password
MYSQL_MAJOR=8.0
MYSQL_ALLOW_EMPTY_PASSWORD=true
MYSQL_RANDOM_ROOT_PASSWORD=yes
REDIS_DOWNLOAD_SHA=5c76d990a1b1c5f949bcd1eed90d0c8a4f70369bdbdcb40288c561ddf88967a4
PHPIZE_DEPS=autoconf dpkg-dev dpkg file g++ gcc libc-dev make pkg-config re2c
PHP_ASC_URL=https://www.php.net/distributions/php-8.3.8.tar.xz.asc
PHP_CFLAGS=-fstack-protector-strong -fpic -fpie -O2 -D_LARGEFILE_SOURCE -D_FILE_OFFSET_BITS=64
JAVA_HOME=/opt/java/openjdk
JAVA_TOOL_OPTIONS=-XX:MaxRAMPercentage=75.0 -Djava.security.egd=file:/dev/urandom
CATALINA_HOME=/usr/local/tomcat
RABBITMQ_PGP_KEY_ID=0x0A9AF2115F4687BD29803A206B73A36E6026DFCA
JSYAML_CHECKSUM=sha256:662e32319bdd378e91f67578e56a34954b0a2e33aca11d70ab9f4826af24b941
KC_RUN_IN_CONTAINER=true
KEYCLOAK_ADMIN=admin
KEYCLOAK_HOME=/opt/keycloak
REGISTRY_AUTH=htpasswd
REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd
REGISTRY_AUTH_HTPASSWD_REALM=Registry Realm
KUBERNETES_PORT=tcp://10.96.0.1:443
GOOGLE_APPLICATION_CREDENTIALS=/var/secrets/google/key.json
SSH_AUTH_SOCK=/run/host-services/ssh-auth.sock
SSH_PUBLIC_KEY=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGm0sK1Q2T8mWf3pZ7xLrJ9vN4cHs6Jb2Vq9tR7mX2pL me@host
AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
AWS_REGION=eu-central-1
OAUTH_TOKEN_URL=https://login.example.com/oauth2/token
TOKEN_TTL=3600
ACCESS_TOKEN_EXPIRE_MINUTES=30
PASSWORD_MIN_LENGTH=12
JWT_ALGORITHM=RS256
JWT_SECRET=${JWT_SECRET}
API_KEY=<your-api-key>
API_TOKEN=xxxxxxxxxxxxxxxx
DB_PASSWORD=
DB_PASS=********
AUTH_ENABLED=true
GIT_AUTHOR_NAME=Jane Doe
TOKENIZERS_PARALLELISM=false
MAX_TOKENS=4096
PASSENGER_APP_ENV=production
BYPASS_CACHE=everything
LS_COLORS=rs=0:di=01;34:ln=01;36:mh=00:pi=40;33
DATABASE_URL=postgres://db:5432/shop
SECRET_PROVIDER=vault
VAULT_SECRETS_PATH=secret/data/app
SECRETS_DIR=secrets
PASSWORD_ENCRYPTION=scram-sha-256
LDAP_PASSWORD_ATTRIBUTE=userPassword
POSTGRES_PASSWORD_HASHING_ROUNDS=12
VAULT_TOKEN=vault:secret/data/app#token
TLS_CERT=-----BEGIN CERTIFICATE-----MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQsw-----END CERTIFICATE-----
";

/// Token-shaped lines are put together here, so that no scanner takes this file for a leak.
fn secrets() -> Vec<String> {
    let mut lines: Vec<String> = "
POSTGRES_PASSWORD=postgres
MYSQL_ROOT_PASSWORD=changeme
MYSQL_PASSWORD=password
MARIADB_ROOT_PASSWORD=1234
MONGO_INITDB_ROOT_PASSWORD=example
REDIS_PASSWORD=foobared
RABBITMQ_DEFAULT_PASS=guest
KEYCLOAK_ADMIN_PASSWORD=admin
KC_DB_PASSWORD=keycloak
GF_SECURITY_ADMIN_PASSWORD=grafana
MINIO_SECRET_KEY=minio123
MINIO_ROOT_PASSWORD=minioadmin
DB_PASS=$ecret!
DB_PWD=k3Vq9tR7
dbPassword=k3Vq9tR7
PGPASSWORD=k3Vq9tR7
JWT_SECRET=not-so-secret
SECRET_KEY_BASE=4f9a4f9a4f9a4f9a4f9a4f9a4f9a4f9a
DJANGO_SECRET_KEY=django-insecure-k3vq9tr7mx2plw8z
APP_KEY=base64:k3Vq9tR7mX2pLw8ZbN4cHs6J
NEW_RELIC_LICENSE_KEY=4f9a4f9a4f9a4f9a4f9aNRAL
DD_API_KEY=4f9a4f9a4f9a4f9a4f9a4f9a4f9a4f9a
BOT_TOKEN=123456789:AAk3Vq9tR7mX2pLw8ZbN4cHs6J
VAULT_DEV_ROOT_TOKEN_ID_TOKEN=root-token
CI_JOB_TOKEN=k3Vq9tR7mX2pLw8Z
client_secret=k3Vq9tR7mX2pLw8Z
AZURE_CLIENT_SECRET=k3Vq9tR7mX2pLw8Z
AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
ENCRYPTION_KEY=k3Vq9tR7mX2pLw8ZbN4cHs6J
KEYSTORE_PASSPHRASE=open sesame
BASIC_AUTH=admin:hunter2
HTTP_AUTHORIZATION=Basic dXNlcjpzM2NyZXQ=
TRAEFIK_MIDDLEWARES_BASICAUTH_USERS=admin:$apr1$H6uskkkW$IgXLP6ewTrSuBkTrqE8wj.
OPENSSL_COMMAND=openssl rsa -passin pass:hunter2
DATABASE_URL=postgres://app:hunter2@db:5432/shop
CELERY_BROKER_URL=amqp://guest:guest@rabbit:5672//
HTTP_PROXY=http://me:hunter2@proxy:3128
DSN=root:hunter2@tcp(db:3306)/shop?parseTime=true
CONNECTION_STRING=Server=db;Database=shop;User Id=sa;Password=hunter2;
SPRING_DATASOURCE_URL=jdbc:mysql://db/shop?user=app&password=hunter2
JAVA_OPTS=-Xmx512m -Djavax.net.ssl.keyStorePassword=hunter2
START=mysql -u root -phunter2 shop
DOCKER_AUTH_CONFIG={\"auths\":{\"r.example.com\":{\"auth\":\"dXNlcjpzM2NyZXQ=\"}}}
"
    .lines()
    .map(|line| line.replace("\\\"", "\""))
    .collect();
    let key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";
    lines.push(format!("TLS=-----BEGIN {0}-----\\n{key}\\n-----END {0}-----", "PRIVATE KEY"));
    lines.push(format!("GCP={{\"private_key\":\"-----BEGIN PRIVATE KEY-----\\n{key}\\n\"}}"));
    lines.push(format!("ANY=ghp_{}", "k3Vq9tR7mX2p".repeat(3)));
    lines.push(format!("ANY=glpat-{}", "k3Vq9tR7mX2p".repeat(2)));
    lines.push(format!("ANY=sk_live_{}", "k3Vq9tR7mX2p".repeat(2)));
    lines.push(format!("ANY=https://hooks.slack.com/services/T0123/B0123/{}", "k3Vq".repeat(6)));
    lines
        .push(format!("ANY=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.{}", "k3Vq".repeat(8)));
    lines.push(format!("ANY=AccountName=a;AccountKey={}==", "k3Vq".repeat(21)));
    lines.into_iter().filter(|line| !line.is_empty()).collect()
}

#[test]
fn the_usual_environment_of_official_images_holds_no_secret() {
    let mut count = 0;
    for line in NO_SECRETS.lines().filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once('=').unwrap();
        assert_eq!(in_value(name, value), None, "{line}");
        assert_eq!(redact(line).text, line);
        assert_eq!(redact_argv(&[line])[0].0, line);
        count += 1;
    }
    assert!(count >= 40, "only {count} lines");
}

#[test]
fn secrets_are_seen_as_variables_as_text_and_as_arguments() {
    let lines = secrets();
    for line in &lines {
        let (name, value) = line.split_once('=').unwrap();
        let seen = in_value(name, value).unwrap_or_else(|| panic!("{line}"));
        assert!(seen.length > 0 && seen.length <= value.len(), "{line}");
        assert_ne!(&redact(line).text, line);
        let argument = redact_argv(&[line.as_str()]).remove(0);
        assert_ne!(&argument.0, line);
        assert!(argument.1.is_some(), "{line}");
    }
    assert!(lines.len() >= 40, "only {} lines", lines.len());
}

#[test]
fn lines_of_an_images_history_lose_their_secrets() {
    for (line, expected) in [
        (
            "/bin/sh -c #(nop)  ENV DB_PASSWORD=hunter2 DB_HOST=db",
            "/bin/sh -c #(nop)  ENV DB_PASSWORD=[secret] DB_HOST=db",
        ),
        (
            "RUN |1 NPM_TOKEN=k3Vq9tR7mX2p /bin/sh -c npm ci # buildkit",
            "RUN |1 NPM_TOKEN=[secret] /bin/sh -c npm ci # buildkit",
        ),
        (
            "RUN /bin/sh -c git clone https://me:hunter2@git.example.com/x.git && echo 'root:toor' | chpasswd",
            "RUN /bin/sh -c git clone https://me:[password]@git.example.com/x.git && echo 'root:[secret]' | chpasswd",
        ),
    ] {
        assert_eq!(redact(line).text, expected);
    }
}
