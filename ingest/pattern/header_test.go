package pattern

import "testing"

// Lines as programs write them, the header of each, and what is left of it.
var headers = []struct {
	form, line                       string
	level                            Level
	component, host, pid, stamp, msg string
}{
	{"syslog", "Jun  9 04:05:06 web1 sshd[4711]: Accepted publickey for ops from 10.1.2.3 port 50022 ssh2",
		None, "sshd", "web1", "4711", "Jun  9 04:05:06", "Accepted publickey for ops from 10.1.2.3 port 50022 ssh2"},
	{"syslog, module in brackets", "Feb 28 04:05:06 combo su(pam_unix)[17231]: session closed for user news",
		None, "su", "combo", "17231", "Feb 28 04:05:06", "session closed for user news"},
	{"syslog, version", "Feb 28 04:05:06 combo syslogd 1.5.0: restart.",
		None, "syslogd", "combo", "", "Feb 28 04:05:06", "restart."},
	{"syslog, no process id", "Feb 28 04:05:06 combo kernel: klogd started with /var/log/boot as source",
		None, "kernel", "combo", "", "Feb 28 04:05:06", "klogd started with /var/log/boot as source"},
	{"syslog, dashes", "Feb 28 04:05:06 combo  -- root[1234]: ROOT LOGIN ON tty2",
		None, "root", "combo", "1234", "Feb 28 04:05:06", "ROOT LOGIN ON tty2"},
	{"syslog, domain behind the process", "Feb 28 04:05:06 mac-7 com.example.agent[1] (com.example.agent.4242): Service exited with abnormal code: 1",
		None, "com.example.agent", "mac-7", "1", "Feb 28 04:05:06", "Service exited with abnormal code: 1"},
	{"syslog, RFC 3339", "2024-02-28T04:05:06.123Z web1 nginx[88]: worker started",
		None, "nginx", "web1", "88", "2024-02-28T04:05:06.123Z", "worker started"},
	{"log4j", "2024-02-28 04:05:06,789 INFO [main] org.example.app.Server: Started in 12 ms",
		Info, "org.example.app.Server", "", "", "2024-02-28 04:05:06,789", "Started in 12 ms"},
	{"log4j, thread of several words", "2024-02-28 04:05:06,789 WARN [IPC Server handler 7 on 8020] org.example.ipc.Server: Call queue is full",
		Warn, "org.example.ipc.Server", "", "", "2024-02-28 04:05:06,789", "Call queue is full"},
	{"log4j, dashes", "2024-02-28 04:05:06,789 - ERROR [Peer[myid=2]/0:0:0:0:0:0:0:0:2181:Leader@512] - Unexpected end of stream",
		Error, "", "", "", "2024-02-28 04:05:06,789", "Unexpected end of stream"},
	{"log4j, dashes and a colon", "2024-02-28 04:05:06,789 - INFO  [Receiver[myid=1]:Election@542] - Vote: 1 (n.leader), LOOKING (n.state)",
		Info, "", "", "", "2024-02-28 04:05:06,789", "Vote: 1 (n.leader), LOOKING (n.state)"},
	{"log4j, slashes", "24/02/28 04:05:06 INFO storage.BlockManager: Dropping block rdd_3_7 from memory",
		Info, "storage.BlockManager", "", "", "24/02/28 04:05:06", "Dropping block rdd_3_7 from memory"},
	{"log4j, compact", "240228 040506 31 WARN fs.DataNode$Receiver: Slow write of blk_77 took 312 ms",
		Warn, "fs.DataNode$Receiver", "", "31", "240228 040506", "Slow write of blk_77 took 312 ms"},
	{"spring", "2024-02-28 04:05:06.789  INFO 4711 --- [           main] c.e.demo.App                 : Started App in 3.2 seconds",
		Info, "c.e.demo.App", "", "4711", "2024-02-28 04:05:06.789", "Started App in 3.2 seconds"},
	{"python", "2024-02-28 04:05:06,789 - worker.queue - WARNING - 3 retries left",
		Warn, "worker.queue", "", "", "2024-02-28 04:05:06,789", "3 retries left"},
	{"python, service of a cloud", "api.log.1.2024-02-28_04:05:06 2024-02-28 04:05:06.789 4711 INFO compute.manager [req-1a2b3c4d-0000-1111-2222-333344445555 - - - - -] [instance: 9a] VM started",
		Info, "compute.manager", "", "4711", "", "[instance: 9a] VM started"},
	{"logcat", "02-28 04:05:06.789  1702  2395 D PowerService: acquire lock=233570404, flags=0x1",
		Debug, "PowerService", "", "2395", "02-28 04:05:06.789", "acquire lock=233570404, flags=0x1"},
	{"logcat, padded", "02-28 04:05:06.789  1702  2395 W art     : Long monitor contention",
		Warn, "art", "", "2395", "02-28 04:05:06.789", "Long monitor contention"},
	{"supercomputer", "- 1117838570 2005.06.03 R02-M1-N0-C:J12-U11 2005-06-03-15.42.50.363779 R02-M1-N0-C:J12-U11 RAS KERNEL FATAL data storage interrupt",
		Fatal, "KERNEL", "R02-M1-N0-C:J12-U11", "", "", "data storage interrupt"},
	{"supercomputer, component of its own", "APPREAD 1117869872 2005.06.04 R04-M1-N4-I:J18-U11 2005-06-04-00.24.32.432192 R04-M1-N4-I:J18-U11 RAS APP FATAL ciod: failed to read message prefix",
		Fatal, "APP", "R04-M1-N4-I:J18-U11", "", "", "ciod: failed to read message prefix"},
	{"apache", "[Wed Feb 28 04:05:06 2024] [error] [client 10.1.2.3] File does not exist: /var/www/x",
		Error, "", "", "", "", "[client 10.1.2.3] File does not exist: /var/www/x"},
	{"apache 2.4", "[Wed Feb 28 04:05:06.123456 2024] [core:warn] [pid 35708:tid 4328636416] AH00098: pid file overwritten",
		Warn, "", "", "", "", "AH00098: pid file overwritten"},
	{"nginx", "2024/02/28 04:05:06 [error] 31#0: *5 open() failed",
		Error, "", "", "", "2024/02/28 04:05:06", "31#0: *5 open() failed"},
	{"windows", "2024-02-28 04:05:06, Info                  CBS    Starting finalization.",
		Info, "CBS", "", "", "2024-02-28 04:05:06", "Starting finalization."},
	{"bars", "20240228-04:05:06:789|Step_Counter|30002312|flush sensor data",
		None, "Step_Counter", "", "30002312", "20240228-04:05:06:789", "flush sensor data"},
	{"klog", "E0228 04:05:06.789012       7 controller.go:114] sync failed",
		Error, "controller.go", "", "7", "", "sync failed"},
	{"lambda", "2024-02-28T04:05:06.789Z\t8f0d0a5e-0000-4000-8000-000000000001\tERROR\tTask timed out",
		Error, "", "", "", "2024-02-28T04:05:06.789Z", "Task timed out"},
	{"postgres", "2024-02-28 04:05:06.789 UTC [4711] LOG:  checkpoint complete",
		Info, "", "", "4711", "", "checkpoint complete"},
	// What only looks like a header is the message's own.
	{"no header", "time 04:05:06 is past", None, "", "", "", "", "time 04:05:06 is past"},
	{"no header", "Session 30546174 opened at 2024-02-28 04:05:06", None, "", "", "", "", "Session 30546174 opened at 2024-02-28 04:05:06"},
	{"no header", "10.11.10.1:54106 open through proxy", None, "", "", "", "", "10.11.10.1:54106 open through proxy"},
	{"no message", "2024-02-28 04:05:06,789 INFO", None, "", "", "", "", "INFO"},
}

func TestHeaderIsSetAside(t *testing.T) {
	for _, h := range headers {
		m := New(Config{})
		var got Match
		first := m.read([]byte(h.line), &got)
		msg := string(m.lx.buf[m.lx.head:m.lx.n])
		f := got.Facets
		if msg != h.msg {
			t.Errorf("%s: %s\n message %q\n    want %q", h.form, h.line, msg, h.msg)
		}
		if f.Level != h.level || string(f.Component) != h.component || string(f.Host) != h.host || string(f.PID) != h.pid {
			t.Errorf("%s: level %s, component %q, host %q, pid %q; want %s, %q, %q, %q", h.form, f.Level, f.Component, f.Host, f.PID, h.level, h.component, h.host, h.pid)
		}
		if h.stamp != "" && string(f.Stamp) != h.stamp {
			t.Errorf("%s: stamp %q, want %q", h.form, f.Stamp, h.stamp)
		}
		if first < m.lx.nt && int(m.lx.toks[first].s) < m.lx.head {
			t.Errorf("%s: the first token begins before the message", h.form)
		}
	}
}
