package dev.rung.program;

/** Prints what stands between the brackets of a system call. */
final class CallLine {
    private final Operands next;
    private final StringBuilder to;
    private final Wire wire;

    CallLine(Operands operands, StringBuilder to) {
        this.next = operands;
        this.to = to;
        this.wire = operands.wire();
    }

    void print(Call call) {
        switch (call) {
            case READ, RECVFROM -> {
                next.fd().address().value();
                messageFlags(call == Call.RECVFROM);
            }
            case WRITE, SENDTO -> {
                next.fd().data();
                messageFlags(call == Call.SENDTO);
            }
            case PWRITE64 -> next.fd().data().value();
            case SENDFILE -> next.fd().fd().address().value();
            case CLOSE, FCHDIR, FSYNC -> next.fd();
            case CLOSE_RANGE -> next.value().hex().flags(Names.CLOSE_RANGE);
            case OPENAT -> {
                next.fd().text().openFlags();
                if (next.peek() != 0) {
                    next.octal();
                }
            }
            case OPENAT2 -> {
                next.fd().text();
                how();
            }
            case MKDIRAT -> next.fd().text().octal();
            case MKNODAT -> {
                next.fd().text();
                fileMode();
                device();
            }
            case FCHMODAT -> next.fd().text().octal();
            case FCHMOD -> next.fd().octal();
            case SYMLINKAT -> next.text().fd().text();
            case UNLINKAT -> next.fd().text().flags(Names.AT);
            case RENAMEAT2 -> next.fd().text().fd().text().flags(Names.RENAME);
            case FCHOWNAT -> next.fd().text().value().value().flags(Names.AT);
            case CHDIR, CHROOT -> next.text();
            case STATX -> next.fd().text().flags(Names.AT).hex().address();
            case FSTATFS -> next.fd().address();
            case READLINKAT -> next.fd().text().address().value();
            case FLOCK -> next.fd().flags(Names.LOCK);
            case FTRUNCATE -> next.fd().value();
            case DUP3 -> next.fd().fd().cloexec("O_CLOEXEC");
            case FCNTL -> next.fd().one(Names.FCNTL).value();
            case PPOLL -> poll();
            case OPEN_TREE -> next.fd().text().flags(Names.OPEN_TREE);
            case MOVE_MOUNT -> next.fd().text().fd().text().flags(Names.MOVE_MOUNT);
            case MOUNT_SETATTR -> {
                next.fd().text().flags(Names.AT);
                mountAttributes();
            }
            case FSOPEN -> next.text().cloexec("FSOPEN_CLOEXEC");
            case FSCONFIG -> fsconfig();
            case FSMOUNT -> next.fd().cloexec("FSMOUNT_CLOEXEC").flags(Names.MOUNT_ATTR);
            case FSPICK -> next.fd().text().flags(Names.FSPICK);
            case MOUNT -> next.text().text().text().flags(Names.MOUNT).text();
            case UMOUNT2 -> next.text().flags(Names.UMOUNT);
            case PIVOT_ROOT -> next.text().text();
            case SETNS -> next.fd().flags(Names.CLONE);
            case UNSHARE -> next.flags(Names.CLONE);
            case SETHOSTNAME, SETDOMAINNAME -> next.data();
            case UMASK -> next.octal();
            case SETSID -> {}
            case PERSONALITY -> next.hex();
            case PRLIMIT64 -> {
                next.value().one(Names.RLIMIT);
                limits();
            }
            case SCHED_SETATTR -> {
                next.value();
                scheduling();
                next.value();
            }
            case IOPRIO_SET -> {
                next.skip().value();
                priority();
            }
            case SCHED_SETAFFINITY -> {
                next.value().value();
                mask(next.peek(1));
            }
            case CLOCK_GETTIME -> next.value().address();
            case SET_MEMPOLICY -> {
                next.value();
                mask(next.peek(2) / 8);
                next.value();
            }
            case RT_SIGACTION -> next.one(Names.SIGNAL).address().value().value();
            case RT_SIGPROCMASK -> {
                next.one(Names.SIGPROCMASK);
                mask(8);
            }
            case PIDFD_OPEN -> next.value().value();
            case PIDFD_SEND_SIGNAL -> next.fd().one(Names.SIGNAL);
            case PIDFD_GETFD -> next.fd().fd().value();
            case WAITID -> next.one(Names.ID_TYPE).value().address().flags(Names.WAIT);
            case KILL -> next.value().one(Names.SIGNAL);
            case PRCTL -> prctl();
            case CAPSET -> capabilities();
            case SETGROUPS -> groups();
            case SETRESUID, SETRESGID -> next.value().value().value();
            case KEYCTL -> keyctl();
            case SECCOMP -> filter();
            case BPF -> bpf();
            case SOCKET -> socket();
            case SOCKETPAIR -> {
                socket();
                next.address();
            }
            case BIND, CONNECT -> {
                next.fd();
                address();
            }
            case LISTEN -> next.fd().value();
            case ACCEPT4 -> next.fd().address().address().flags(Names.SOCKET_FLAG);
            case SENDMSG -> {
                next.fd();
                message();
                next.flags(Names.MSG);
            }
            case RECVMSG -> next.fd().address().flags(Names.MSG);
            case IOCTL -> ioctl();
        }
    }

    private void messageFlags(boolean socket) {
        if (socket) {
            next.flags(Names.MSG);
        }
    }

    private void how() {
        long at = next.struct(24);
        if (at < 0) {
            return;
        }
        to.append("{flags=");
        Names.OPEN.flags(to, next.machine().openFlags(wire.data64(at)));
        if (wire.data64(at + 8) != 0) {
            to.append(", mode=");
            Operands.appendOctal(to, wire.data64(at + 8));
        }
        if (wire.data64(at + 16) != 0) {
            to.append(", resolve=");
            Names.RESOLVE.flags(to, wire.data64(at + 16));
        }
        to.append('}');
    }

    private void fileMode() {
        long mode = next.peek();
        next.skip().comma();
        Names.FILE_KIND.one(to, mode & FileStep.S_IFMT);
        to.append('|');
        Operands.appendOctal(to, mode & ~FileStep.S_IFMT);
    }

    private void device() {
        long device = next.peek();
        next.skip().comma();
        to.append("makedev(")
                .append(device >> 8 & 0xfff)
                .append(", ")
                .append(device & 0xff | device >> 12 & 0xfff00)
                .append(')');
    }

    private void poll() {
        long at = next.struct(8);
        if (at >= 0) {
            next.open("[{");
            next.field("fd", at, 4);
            next.named("events").comma();
            to.append("0x").append(Integer.toHexString(wire.data16(at + 4)));
            next.close("}]");
        }
        next.value();
        long limit = next.struct(16);
        if (limit >= 0) {
            to.append(wire.data64(limit) * 1000 + wire.data64(limit + 8) / 1_000_000).append(" ms");
        }
    }

    private void mountAttributes() {
        long at = next.struct(32);
        if (at < 0) {
            return;
        }
        long set = wire.data64(at);
        next.open("{");
        flagField("attr_set", set, Names.MOUNT_ATTR);
        flagField("attr_clr", wire.data64(at + 8), Names.MOUNT_ATTR);
        flagField("propagation", wire.data64(at + 16), Names.MOUNT);
        if ((set & MountStep.MOUNT_ATTR_IDMAP) != 0) {
            next.field("userns_fd", at + 24, 8);
        }
        next.close("}");
    }

    private void flagField(String name, long value, Names names) {
        if (value != 0) {
            next.named(name).comma();
            names.flags(to, value);
        }
    }

    private void fsconfig() {
        long command = next.peek(1);
        next.fd().one(Names.FSCONFIG);
        if (command == MountStep.FSCONFIG_CMD_CREATE
                || command == MountStep.FSCONFIG_CMD_RECONFIGURE) {
            return;
        }
        next.text();
        if (command == MountStep.FSCONFIG_SET_FD) {
            next.skip().fd();
        } else if (command != MountStep.FSCONFIG_SET_FLAG) {
            next.text();
        }
    }

    private void limits() {
        long at = next.struct(16);
        if (at < 0) {
            return;
        }
        to.append("{rlim_cur=");
        limit(wire.data64(at));
        to.append(", rlim_max=");
        limit(wire.data64(at + 8));
        to.append('}');
    }

    private void limit(long value) {
        to.append(value == -1 ? "RLIM64_INFINITY" : Long.toUnsignedString(value));
    }

    private void scheduling() {
        long at = next.struct(48);
        if (at < 0) {
            return;
        }
        to.append("{sched_policy=");
        Names.SCHEDULER.one(to, wire.data32(at + 4));
        to.append(", sched_flags=0x").append(Long.toHexString(wire.data64(at + 8)));
        to.append(", sched_nice=").append((int) wire.data32(at + 16));
        to.append(", sched_priority=").append(wire.data32(at + 20));
        to.append(", sched_runtime=").append(wire.data64(at + 24));
        to.append(", sched_deadline=").append(wire.data64(at + 32));
        to.append(", sched_period=").append(wire.data64(at + 40)).append('}');
    }

    private void priority() {
        long value = next.peek();
        next.skip().comma();
        to.append("class ").append(value >> 13).append(" level ").append(value & 0x1fff);
    }

    /** Bits as one number, the highest byte first. */
    private void mask(long size) {
        long at = next.struct((int) Math.min(size, Integer.MAX_VALUE));
        if (at < 0) {
            return;
        }
        to.append("0x");
        int begin = to.length();
        for (long i = at + size - 1; i >= at; i--) {
            int octet = wire.data8(i);
            if (octet != 0 || to.length() > begin) {
                if (to.length() > begin || octet > 15) {
                    to.append(Character.forDigit(octet >> 4, 16));
                }
                to.append(Character.forDigit(octet & 15, 16));
            }
        }
        if (to.length() == begin) {
            to.append('0');
        }
    }

    private void prctl() {
        long option = next.peek();
        next.one(Names.PRCTL);
        if (option == CredentialStep.PR_SET_NAME) {
            next.text();
        } else if (option == CredentialStep.PR_SET_PDEATHSIG) {
            next.one(Names.SIGNAL);
        } else if (option == CredentialStep.PR_CAPBSET_DROP
                || option == CredentialStep.PR_CAPBSET_READ) {
            capability();
        } else if (option == CredentialStep.PR_CAP_AMBIENT) {
            long act = next.peek();
            next.one(Names.AMBIENT);
            if (act != CredentialStep.PR_CAP_AMBIENT_CLEAR_ALL) {
                capability();
            }
        } else {
            next.value();
        }
    }

    private void capability() {
        long capability = next.peek();
        if (capability >= 0 && capability < 64) {
            next.skip().comma();
            Names.CAPABILITY.one(to, 1L << capability);
        } else {
            next.value();
        }
    }

    private void capabilities() {
        next.skip();
        long at = next.struct(24);
        if (at < 0) {
            return;
        }
        to.append("{effective=");
        set(at);
        to.append(", permitted=");
        set(at + 4);
        to.append(", inheritable=");
        set(at + 8);
        to.append('}');
    }

    private void set(long at) {
        Names.CAPABILITY.flags(to, wire.data32(at) | wire.data32(at + 12) << 32);
    }

    private void groups() {
        long count = next.peek();
        next.value();
        if (count < 0 || count > 64) {
            next.address();
            return;
        }
        long at = next.struct((int) count * 4);
        if (at < 0) {
            return;
        }
        to.append('[');
        for (int i = 0; i < count; i++) {
            to.append(i == 0 ? "" : ", ").append(wire.data32(at + 4L * i));
        }
        to.append(']');
    }

    private void keyctl() {
        long command = next.peek();
        if (command == 1) {
            next.skip().comma();
            to.append("KEYCTL_JOIN_SESSION_KEYRING");
            next.text();
        } else if (command == 5) {
            next.skip().comma();
            to.append("KEYCTL_SETPERM");
            next.value().hex();
        } else {
            next.value().any().any();
        }
    }

    private void filter() {
        if (next.peek() == 1) {
            next.skip().comma();
            to.append("SECCOMP_SET_MODE_FILTER");
        } else {
            next.value();
        }
        next.flags(Names.SECCOMP_FILTER);
        long at = next.struct(16);
        if (at >= 0) {
            to.append("{len=").append(wire.data16(at)).append(", filter=data+0x");
            to.append(Long.toHexString(wire.data64(at + 8))).append('}');
        }
    }

    private void bpf() {
        long command = next.peek();
        next.one(Names.BPF);
        long size = next.peek(2);
        long at = next.struct(Math.clamp(size, 0, 4096));
        if (at < 0) {
            return;
        }
        next.open("{");
        if (command == 5 && size >= 64) {
            next.field("prog_type", at, 4);
            next.field("insn_cnt", at + 4, 4);
            next.named("insns").comma();
            to.append("data+0x").append(Long.toHexString(wire.data64(at + 8)));
        } else if ((command == 8 || command == 9) && size >= 16) {
            next.field("target_fd", at, 4);
            next.field("attach_bpf_fd", at + 4, 4);
            next.field("attach_type", at + 8, 4);
            flagField("attach_flags", wire.data32(at + 12), Names.BPF_ATTACH_FLAG);
            if (size >= 24 && (wire.data32(at + 12) & CredentialStep.BPF_F_REPLACE) != 0) {
                next.field("replace_bpf_fd", at + 16, 4);
            }
        } else if (command == 16 && size >= 32) {
            next.field("target_fd", at, 4);
            next.field("attach_type", at + 4, 4);
            next.field("prog_cnt", at + 24, 4);
        } else if (command == 13 && size >= 4) {
            next.field("prog_id", at, 4);
        }
        next.close("}");
        next.value();
    }

    private void socket() {
        long type = next.one(Names.SOCKET_DOMAIN).peek();
        next.skip().comma();
        long flags = SocketStep.SOCK_CLOEXEC | SocketStep.SOCK_NONBLOCK;
        Names.SOCKET_TYPE.one(to, type & ~flags);
        if ((type & flags) != 0) {
            to.append('|');
            Names.SOCKET_FLAG.flags(to, type & flags);
        }
        next.value();
    }

    private void address() {
        long size = next.peek(2);
        long at = next.struct(Math.clamp(size, 0, 4096));
        if (at >= 0) {
            int family = size < 2 ? 0 : wire.data16(at);
            to.append("{sa_family=");
            Names.SOCKET_DOMAIN.one(to, family);
            if (family == SocketStep.AF_UNIX && size > 3) {
                to.append(", sun_path=");
                next.appendData(at + 2, size - 3);
            }
            to.append('}');
        }
        next.value();
    }

    private void message() {
        long at = next.struct(56);
        if (at < 0) {
            return;
        }
        next.open("{");
        long part = wire.data64(at + 16);
        if (wire.isPointer(at + 16) && wire.hasData(part, 16) && wire.isPointer(part)) {
            next.named("data").comma();
            next.appendData(wire.data64(part), wire.data64(part + 8));
        }
        long control = wire.data64(at + 32);
        long size = wire.data64(at + 40);
        if (wire.isPointer(at + 32) && size >= 16 && wire.hasData(control, size)) {
            next.named("fds").comma();
            next.open("[");
            for (long i = 16; i + 4 <= size; i += 4) {
                next.item(control + i);
            }
            next.close("]");
        }
        next.close("}");
    }

    private void ioctl() {
        long request = next.peek(1) & 0xffffffffL;
        next.fd().skip().comma();
        int begin = to.length();
        Names.IOCTL.one(to, request);
        if (Character.isDigit(to.charAt(begin))) {
            to.setLength(begin);
            to.append("0x").append(Long.toHexString(request));
        }
        if (request == SocketStep.TIOCGPTPEER) {
            next.openFlags();
        } else if (request == SocketStep.TIOCSWINSZ) {
            long at = next.struct(8);
            if (at >= 0) {
                to.append("{ws_row=").append(wire.data16(at));
                to.append(", ws_col=").append(wire.data16(at + 2)).append('}');
            }
        } else {
            next.any();
        }
    }
}
