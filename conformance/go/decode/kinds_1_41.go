//go:build api_1_41

package main

import (
	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/swarm"
	"github.com/docker/docker/api/types/volume"
)

// create is runconfig.ContainerConfigWrapper (runconfig/config_unix.go), whose package needs half of the daemon.
type create struct {
	*container.Config
	InnerHostConfig  *container.HostConfig     `json:"HostConfig,omitempty"`
	Cpuset           string                    `json:",omitempty"`
	NetworkingConfig *network.NetworkingConfig `json:"NetworkingConfig,omitempty"`
	*container.HostConfig
}

// kinds makes an empty value of each kind.
var kinds = map[byte]func() interface{}{
	'c': func() interface{} { return &create{} },
	'e': func() interface{} { return &types.ExecConfig{} },
	'E': func() interface{} { return &types.ExecStartCheck{} },
	'u': func() interface{} { return &container.UpdateConfig{} },
	'm': func() interface{} { return &container.Config{} },
	'v': func() interface{} { return &volume.VolumeCreateBody{} },
	'n': func() interface{} { return &types.NetworkCreateRequest{} },
	'N': func() interface{} { return &types.NetworkConnect{} },
	'd': func() interface{} { return &types.NetworkDisconnect{} },
	's': func() interface{} { return &swarm.ServiceSpec{} },
	'S': func() interface{} { return &swarm.SecretSpec{} },
	'C': func() interface{} { return &swarm.ConfigSpec{} },
	'i': func() interface{} { return &swarm.InitRequest{} },
	'j': func() interface{} { return &swarm.JoinRequest{} },
	'o': func() interface{} { return &swarm.NodeSpec{} },
	'p': func() interface{} { return &types.PluginPrivileges{} },
	'a': func() interface{} { return &types.AuthConfig{} },
}

// tidy empties what only clients of before 2015 send: the fields of HostConfig at the top level.
func tidy(value interface{}) {
	if outer, ok := value.(*create); ok {
		outer.HostConfig, outer.Cpuset = nil, ""
	}
}
