//! `/services`.

use crate::api::{Healthcheck, MountSpec, Texts, Ulimit};
use crate::from_json::Present;
use crate::record::record;

record! {
    /// One of `/services`.
    pub struct Service {
        /// `ID`.
        id: String = "ID",
        /// `CreatedAt`: RFC 3339.
        created_at: String = "CreatedAt",
        /// `UpdatedAt`: RFC 3339.
        updated_at: String = "UpdatedAt",
        /// `Spec`: as an administrator wants it.
        spec: ServiceSpec = "Spec",
        /// `Endpoint`: the ports that it has in fact.
        endpoint: ServiceEndpoint = "Endpoint",
    }

    /// `Spec` of a service.
    pub struct ServiceSpec {
        /// `Name`.
        name: String = "Name",
        /// `Labels`: the service's own.
        labels: Texts = "Labels",
        /// `TaskTemplate`: what its tasks are made with.
        task_template: TaskSpec = "TaskTemplate",
        /// `Mode`.
        mode: ServiceMode = "Mode",
        /// `Networks`: where older clients name them.
        networks: Vec<NetworkAttachment> = "Networks",
        /// `EndpointSpec`: the ports that are asked for.
        endpoint_spec: ServiceEndpoint = "EndpointSpec",
    }

    /// `Spec.Mode` of a service: one of the four is there.
    pub struct ServiceMode {
        /// `Replicated`.
        replicated: Replicated = "Replicated",
        /// `Global`: a task on each node.
        global: Present = "Global",
        /// `ReplicatedJob`: tasks that end (API 1.41 on).
        replicated_job: Present = "ReplicatedJob",
        /// `GlobalJob`: a task that ends on each node (API 1.41 on).
        global_job: Present = "GlobalJob",
    }

    /// `Spec.Mode.Replicated` of a service.
    pub struct Replicated {
        /// `Replicas`: how many tasks.
        replicas: i64 = "Replicas",
    }

    /// `Spec.TaskTemplate` of a service.
    pub struct TaskSpec {
        /// `ContainerSpec`: of tasks that are containers.
        container_spec: ContainerSpec = "ContainerSpec",
        /// `Resources`.
        resources: TaskResources = "Resources",
        /// `RestartPolicy`.
        restart_policy: TaskRestart = "RestartPolicy",
        /// `Networks`.
        networks: Vec<NetworkAttachment> = "Networks",
        /// `LogDriver`.
        log_driver: TaskLog = "LogDriver",
        /// `Runtime`: `container`, `plugin` or `attachment`; empty is `container`.
        runtime: String = "Runtime",
    }

    /// `Spec.TaskTemplate.ContainerSpec` of a service; can hold secrets in environment, arguments
    /// and labels.
    pub struct ContainerSpec {
        /// `Image`: with a digest where the client resolved one.
        image: String = "Image",
        /// `Labels`: the containers' own.
        labels: Texts = "Labels",
        /// `Command`: replaces the image's entrypoint.
        command: Vec<String> = "Command",
        /// `Args`: replaces the image's command.
        args: Vec<String> = "Args",
        /// `Env`: `NAME=value`.
        env: Vec<String> = "Env",
        /// `User`: absent means the image's.
        user: String = "User",
        /// `Groups`.
        groups: Vec<String> = "Groups",
        /// `Privileges`.
        privileges: Privileges = "Privileges",
        /// `ReadOnly`: the root file system.
        read_only: bool = "ReadOnly",
        /// `Mounts`.
        mounts: Vec<MountSpec> = "Mounts",
        /// `Healthcheck`: absent means the image's.
        healthcheck: Healthcheck = "Healthcheck",
        /// `Secrets`.
        secrets: Vec<SecretReference> = "Secrets",
        /// `Configs`.
        configs: Vec<ConfigReference> = "Configs",
        /// `CapabilityAdd` (API 1.41 on).
        capability_add: Vec<String> = "CapabilityAdd",
        /// `CapabilityDrop` (API 1.41 on).
        capability_drop: Vec<String> = "CapabilityDrop",
        /// `Ulimits` (API 1.41 on).
        ulimits: Vec<Ulimit> = "Ulimits",
        /// `OomScoreAdj` (API 1.46 on).
        oom_score_adj: i64 = "OomScoreAdj",
    }

    /// `Privileges` of a service's containers.
    pub struct Privileges {
        /// `SELinuxContext`.
        selinux_context: SelinuxContext = "SELinuxContext",
        /// `Seccomp` (API 1.46 on).
        seccomp: SeccompOptions = "Seccomp",
        /// `AppArmor` (API 1.46 on).
        app_armor: AppArmorOptions = "AppArmor",
        /// `NoNewPrivileges` (API 1.46 on).
        no_new_privileges: bool = "NoNewPrivileges",
    }

    /// `Privileges.SELinuxContext`.
    pub struct SelinuxContext {
        /// `Disable`.
        disable: bool = "Disable",
        /// `Type`: the process's type.
        kind: String = "Type",
    }

    /// `Privileges.Seccomp`.
    pub struct SeccompOptions {
        /// `Mode`: `default`, `unconfined` or `custom`.
        mode: String = "Mode",
        /// `Profile`: of `custom`, JSON in base64.
        profile: String = "Profile",
    }

    /// `Privileges.AppArmor`.
    pub struct AppArmorOptions {
        /// `Mode`: `default` or `disabled`.
        mode: String = "Mode",
    }

    /// One of `Secrets` of a service's containers.
    pub struct SecretReference {
        /// `SecretID`.
        secret_id: String = "SecretID",
        /// `SecretName`.
        secret_name: String = "SecretName",
    }

    /// One of `Configs` of a service's containers.
    pub struct ConfigReference {
        /// `ConfigID`.
        config_id: String = "ConfigID",
        /// `ConfigName`.
        config_name: String = "ConfigName",
    }

    /// `Resources` of a task.
    pub struct TaskResources {
        /// `Limits`.
        limits: TaskLimits = "Limits",
    }

    /// `Resources.Limits` of a task.
    pub struct TaskLimits {
        /// `NanoCPUs`: billionths of a CPU.
        nano_cpus: i64 = "NanoCPUs",
        /// `MemoryBytes`.
        memory_bytes: i64 = "MemoryBytes",
        /// `Pids` (API 1.41 on).
        pids: i64 = "Pids",
    }

    /// `RestartPolicy` of a task.
    pub struct TaskRestart {
        /// `Condition`: `none`, `on-failure` or `any`.
        condition: String = "Condition",
        /// `MaxAttempts`: 0 is without end.
        max_attempts: i64 = "MaxAttempts",
    }

    /// `LogDriver` of a task.
    pub struct TaskLog {
        /// `Name`.
        name: String = "Name",
    }

    /// One of `Networks` of a task.
    pub struct NetworkAttachment {
        /// `Target`: a network's id or name.
        target: String = "Target",
    }

    /// `EndpointSpec` and `Endpoint` of a service.
    pub struct ServiceEndpoint {
        /// `Ports`.
        ports: Vec<ServicePort> = "Ports",
    }

    /// One of `Ports` of a service.
    pub struct ServicePort {
        /// `Protocol`: `tcp`, `udp` or `sctp`.
        protocol: String = "Protocol",
        /// `TargetPort`: in the container.
        target_port: i64 = "TargetPort",
        /// `PublishedPort`: on the nodes; 0 or absent where the swarm chooses.
        published_port: i64 = "PublishedPort",
        /// `PublishMode`: `ingress` (every node) or `host` (nodes with a task).
        publish_mode: String = "PublishMode",
    }
}
