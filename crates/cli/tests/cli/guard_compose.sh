# What people do with `docker compose`, each with its output and exit code, for one engine at $DOCKER_HOST and one
# project in the working folder. Everything has the same name each time, and is removed at the end.
export WORD=spoken FROM_OUTSIDE=outside COMPOSE_PROGRESS=plain COMPOSE_MENU=false
# Services are worked on at the same time, and lines come as they may: they are sorted, and progress of builds left out.
say() {
    printf '\n## %s\n' "$1"; shift
    "$@" >told 2>&1
    code=$?
    grep -vE '^#[0-9]+ |^$|level=warning' told | sort
    printf '## exit code %s\n' "$code"
}
inspect() { printf '\n## inspect %s\n' "$1"; shift; "$@" 2>&1; }
compose() { docker compose "$@"; }
states() { compose ps -a --format '{{.Name}} {{.Service}} {{.State}} {{.ExitCode}} {{.Command}}'; }
held() {
    for name in $(docker ps -a --filter label=com.docker.compose.project=shop --format '{{.Names}}' | sort); do
        inspect "$1: container $name" docker inspect "$name"
    done
    inspect "$1: networks" docker network inspect shop_back shop_default
    inspect "$1: volume" docker volume inspect shop_data
}

say version compose version --short
say config compose config
say config-services compose --profile tools config --services
say config-hash compose config --hash '*'
say up-missing compose up -d --no-build --pull never web
say build compose build
say build-broken compose build --build-arg WHO="$(printf '\x01')" nothing
say create compose create
say states-created states
held created
say up compose up -d
say states states
held up
say up-again compose up -d
say ps compose ps --services
say ls compose ls --format json
say images sh -c "docker compose images | awk '{ print \$1, \$2, \$3 }'"
say top sh -c "docker compose top | grep -cE 'sleep 600'"
say port compose port web 80
say port-missing compose port db 80
say logs compose logs --no-color
say logs-one compose logs --no-color --no-log-prefix --tail 1 first
say exec compose exec -T web sh -c 'id -u; pwd; cat /built /run/secrets/token /spoken /settings /said'
say exec-code compose exec -T db sh -c 'echo out; exit 9'
say exec-input sh -c 'echo typed | docker compose exec -T db cat'
say exec-env compose exec -T -e MORE=1 -u 0 -w / web sh -c 'echo "$MORE $LEVEL $FROM_OUTSIDE"; id -u; pwd'
say exec-down compose exec -T first true
say neighbour compose exec -T neighbour sh -c 'ls -d /data /anonymous; touch /data/x'
say run compose run --rm -T tool
say run-code compose run --rm -T --no-deps web sh -c 'cat /spoken; exit 5'
say run-input sh -c 'echo typed | docker compose run --rm -T tool cat'
say run-detached sh -c 'docker compose run -d --name lasting tool sleep 600; docker rm -f lasting'
say cp-in compose cp settings.ini db:/tmp/settings.ini
say cp-out sh -c 'docker compose cp db:/tmp/settings.ini - | tar -tf -'
say cp-missing compose cp db:/no/such/file out
say pause compose pause db
say states-paused states
say unpause compose unpause db
say stop compose stop web
say states-stopped states
say start compose start web
say restart compose restart web
say wait sh -c '(sleep 2; docker compose kill -s USR1 web >/dev/null 2>&1; docker compose kill web >/dev/null 2>&1) & docker compose wait web'
say start-again compose start web
say kill compose kill web
say states-killed states
say rm compose rm -f web
(timeout -s INT 60 docker compose events --json >followed 2>&1) &
events=$!
sleep 1
say scale compose scale web=2
say up-recreated env FROM_OUTSIDE=other docker compose up -d --no-deps db
sleep 1
kill -INT $events 2>/dev/null; wait $events
say events sh -c "grep -vE 'exec_|health_status' followed | sed 's/\"time\":\"[^\"]*\"//; s/\"execDuration\":\"[0-9]*\"//'"
say states-scaled states
say stats sh -c "docker compose stats --no-stream --format '{{.Name}}' | sort"
say pull compose --profile remote pull remote
say push compose push web
say up-foreground timeout 60 docker compose up --no-color --exit-code-from first first
say up-unknown compose up -d nothing
say config-broken sh -c 'echo "services: {a: {image: 1}}" | docker compose -f - up -d'
say down-one compose down neighbour
say down compose down -v --rmi local --timeout 5
docker volume ls -q | xargs -r docker volume rm >/dev/null
say left sh -c "docker ps -aq; docker network ls -q --filter label=com.docker.compose.project; docker volume ls -q"
