module plat.dev/toolchain/kube-router

go 1.25.8

require github.com/cloudnativelabs/kube-router/v2 v2.2.1

// k3s' fork carries on what it declares under upstream's name.
replace github.com/cloudnativelabs/kube-router/v2 => github.com/k3s-io/kube-router/v2 v2.2.1
