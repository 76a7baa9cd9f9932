module plat.dev/toolchain/await

go 1.25.8
