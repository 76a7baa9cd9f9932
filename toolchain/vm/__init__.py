"""A hypervisor on this machine: libvirt and QEMU in namespaces of their own, and what virtual machines are made of."""
