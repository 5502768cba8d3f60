# As guard_compose.sh, of Compose 1.29, which is written in Python: another client with other habits.
export FROM_OUTSIDE=outside COMPOSE_FILE=old.yaml COMPOSE_PROJECT_NAME=shop
# Services are worked on at the same time, and lines come as they may.
say() {
    printf '\n## %s\n' "$1"; shift
    "$@" >told 2>&1
    code=$?
    grep -v '^Attaching to' told | sort | uniq
    printf '## exit code %s\n' "$code"
}
inspect() { printf '\n## inspect %s\n' "$1"; shift; "$@" 2>&1; }
compose() { docker-compose --no-ansi "$@"; }
states() { docker ps -a --format '{{.Names}} {{.Image}} {{.State}}'; }
held() {
    for name in $(docker ps -a --filter label=com.docker.compose.project=shop --format '{{.Names}}' | sort); do
        inspect "$1: container $name" docker inspect "$name"
    done
    inspect "$1: networks" docker network inspect shop_back shop_default
    inspect "$1: volume" docker volume inspect shop_data
}

say version compose version --short
say config compose config
say build compose build --no-cache
say create compose up --no-start
say states-created states
held created
say up compose up -d
say states states
held up
say up-again compose up -d
say ps compose ps --services
say images sh -c "docker-compose images | awk '{ print \$1, \$2, \$3 }'"
say top sh -c "docker-compose top | grep -cE 'sleep 600'"
say port compose port --protocol tcp web 80
say logs compose logs --no-color
say exec compose exec -T web sh -c 'id -u; pwd; cat /built'
say exec-code compose exec -T db sh -c 'echo out; exit 9'
say exec-input sh -c 'echo typed | docker-compose exec -T db cat'
say run compose run --rm -T tool
say run-code compose run --rm -T --no-deps web sh -c 'echo out; exit 5'
say pause compose pause db
say unpause compose unpause db
say stop compose stop web
say start compose start web
say restart compose restart web
say kill compose kill web
say states-killed states
say rm compose rm -f web
(timeout -s INT 60 docker-compose events --json >followed 2>&1) &
events=$!
sleep 2
say scale compose up -d --scale web=2
sleep 1
kill -INT $events 2>/dev/null; wait $events
say events sh -c "grep -vE 'exec_|health_status' followed | sed 's/\"time\": \"[^\"]*\"//'"
say pull compose pull remote
say push compose push web
say up-unknown compose up -d nothing
# What Compose before 1.27 asked by for files without a version.
say too-old env COMPOSE_API_VERSION=1.21 docker-compose ps
say down compose down -v --rmi local --timeout 5
docker volume ls -q | xargs -r docker volume rm >/dev/null
say left sh -c "docker ps -aq; docker network ls -q --filter label=com.docker.compose.project; docker volume ls -q"
