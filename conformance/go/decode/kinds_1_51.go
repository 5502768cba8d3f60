//go:build api_1_51

package main

import (
	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/registry"
	"github.com/docker/docker/api/types/swarm"
	"github.com/docker/docker/api/types/volume"
)

// kinds makes an empty value of each kind.
var kinds = map[byte]func() interface{}{
	'c': func() interface{} { return &container.CreateRequest{} },
	'e': func() interface{} { return &container.ExecOptions{} },
	'E': func() interface{} { return &container.ExecStartOptions{} },
	'u': func() interface{} { return &container.UpdateConfig{} },
	'm': func() interface{} { return &container.Config{} },
	'v': func() interface{} { return &volume.CreateOptions{} },
	'n': func() interface{} { return &network.CreateRequest{} },
	'N': func() interface{} { return &network.ConnectOptions{} },
	'd': func() interface{} { return &network.DisconnectOptions{} },
	's': func() interface{} { return &swarm.ServiceSpec{} },
	'S': func() interface{} { return &swarm.SecretSpec{} },
	'C': func() interface{} { return &swarm.ConfigSpec{} },
	'i': func() interface{} { return &swarm.InitRequest{} },
	'j': func() interface{} { return &swarm.JoinRequest{} },
	'o': func() interface{} { return &swarm.NodeSpec{} },
	'p': func() interface{} { return &types.PluginPrivileges{} },
	'a': func() interface{} { return &registry.AuthConfig{} },
}

// tidy has nothing to empty: this engine has no fields at the top level but those of Config.
func tidy(interface{}) {}
