# What people do with a docker command, each with its output and exit code, for one engine at $DOCKER_HOST. Everything
# has the same name each time, and is removed at the end.
say() { printf '\n## %s\n' "$1"; shift; "$@" 2>&1; printf '## exit code %s\n' "$?"; }
quiet() { "$@" >/dev/null 2>&1; }
# Long lines in and out, of bytes that compress to nothing and begin like frames.
bytes() { seq 1 "$1" | sed 's/$/ \x01\x00\x00\x00 the quick brown fox/'; }

cd "$(mktemp -d)" || exit 1
say version docker version --format '{{.Server.Version}} {{.Client.Version}} {{.Server.APIVersion}}'
say images docker images --format '{{.Repository}}:{{.Tag}} {{.Size}}'
say run docker run --rm --network none busybox echo hello
say run-code docker run --rm --network none busybox sh -c 'echo out; exit 7'
say run-stderr docker run --rm --network none busybox sh -c 'echo err >&2; exit 1'
say run-missing docker run --rm --network none busybox /no/such/program
say run-much sh -c 'docker run --rm --network none busybox sh -c "seq 1 300000" | sha256sum'
say run-input sh -c 'echo "some input" | docker run -i --rm --network none busybox cat'
bytes 100000 >much
say run-much-input sh -c 'docker run -i --rm --network none busybox sha256sum <much'
say run-tty docker run -t --rm --network none busybox echo terminal

quiet docker run -d --name box --network none busybox sleep 600
say exec docker exec box echo executed
say exec-code docker exec box sh -c 'exit 9'
say exec-input sh -c 'docker exec -i box sha256sum <much'
say exec-echo sh -c 'docker exec -i box cat <much | sha256sum'
say exec-early sh -c 'docker exec -i box head -n 2 <much'
say exec-detached docker exec -d box touch /made
say exec-nothing docker exec nothing echo
say ps docker ps --format '{{.Names}} {{.Image}} {{.Command}}'
say top sh -c 'docker top box | wc -l'
say inspect docker inspect --format '{{.Name}} {{.State.Running}} {{.HostConfig.NetworkMode}}' box

mkdir in && bytes 50000 >in/file && ln -s file in/link
say cp-in docker cp in box:/tmp/in
say cp-out sh -c 'docker cp box:/tmp/in out >/dev/null && diff -r in out && ls -l out | grep -c link'
say cp-stream sh -c 'docker cp box:/tmp/in - | tar -tf - | sort'
say cp-stream-in sh -c 'tar -cf - in | docker cp - box:/home; docker exec box ls /home/in'
say cp-nothing docker cp box:/no/such/file out
say diff sh -c 'docker diff box | sort | head -n 4'
say export sh -c 'docker export box | tar -tf - | sort | sha256sum'
say rename docker rename box crate
say update docker update --memory 64m --memory-swap 64m crate
say pause sh -c 'docker pause crate && docker unpause crate'
say kill docker kill crate
say wait docker wait crate
say rm docker rm crate

quiet docker run -d --name talker --network none busybox sh -c 'for i in 1 2 3 4; do echo line $i; sleep 0.3; done; exit 5'
say logs-follow docker logs -f talker
say logs docker logs --tail 2 talker
quiet docker rm talker
quiet docker create -i --name attached --network none busybox sh -c 'read line; echo got $line; exit 4'
say start-attached sh -c 'echo typed | docker start -ai attached'
quiet docker rm attached
quiet docker run -d -i --name waiting --network none busybox sh -c 'sleep 3; echo later; exit 6'
say attach docker attach --no-stdin waiting
quiet docker rm waiting

printf 'FROM busybox\nCOPY in /in\nRUN sha256sum /in/file >/sum\nCMD ["cat","/sum"]\n' >Dockerfile
say build sh -c 'docker build -q --no-cache --network none -t built . | wc -c'
say build-run docker run --rm --network none built
printf 'FROM busybox\nRUN exit 3\n' >broken
say build-broken sh -c 'docker build -q --no-cache --network none -f broken . >/dev/null 2>&1'
say build-stdin sh -c 'tar -cf - . | docker build -q --no-cache --network none -t piped - | wc -c'
say save sh -c 'docker save busybox | tar -tf - | wc -l'
say save-load sh -c 'docker save built -o built.tar && docker rmi built >/dev/null && docker load -i built.tar'
say load-run docker run --rm --network none built
say load-broken sh -c 'head -c 100000 /dev/urandom | docker load >/dev/null 2>&1'
# Not one letter: such a name is refused, and an id that begins with it may be found.
say create sh -c 'docker create --network none --name source busybox | wc -c'
say import sh -c 'docker export source | docker import - imported | wc -c'
say commit sh -c 'docker commit source committed | wc -c'
say tag docker tag busybox tagged
say history sh -c 'docker history -q built | wc -l'
say pull docker pull --quiet 127.0.0.1:9/nothing
say rmi sh -c 'docker rmi -f built piped imported committed tagged | wc -l'
quiet docker rm -f source

say volume docker volume create --label a=b vol
say volume-inspect docker volume inspect --format '{{.Name}} {{.Labels}}' vol
say network docker network create --internal net
say network-ls docker network ls --format '{{.Name}} {{.Driver}}'
say prune sh -c 'docker volume rm vol && docker network rm net'
sleep 1.1; since=$(date +%s)
quiet docker run --rm --name evented --network none busybox true
say events sh -c "docker events --since $since --until $(($(date +%s) + 2)) --filter type=container --format '{{.Action}}' | sort"
(timeout 20 docker events --filter type=container --format '{{.Action}}' >followed) &
sleep 2; quiet docker create --name late --network none busybox; quiet docker rm late
for _ in $(seq 50); do grep -q destroy followed && break; sleep 0.1; done
kill $! 2>/dev/null
say events-follow cat followed
say unknown docker inspect nothing
