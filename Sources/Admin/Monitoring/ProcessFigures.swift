import Glibc
import Telemetry

/// The system's figures for this process, under the names that Prometheus clients share.
enum ProcessFigures {
    static func register(in metrics: inout Metrics) {
        let started = startSecond
        metrics.gauge("process_start_time_seconds", "When the process started, in seconds since 1970.") { started }
        metrics.gauge("process_resident_memory_bytes", "Memory that is in use.") { residentBytes }
        metrics.gauge("process_open_fds", "Open descriptors.") { openDescriptors }
        metrics.gauge("process_max_fds", "Limit of open descriptors.") { descriptorsMax }
    }

    private static var startSecond: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec)
    }

    /// The second number of /proc/self/statm, in pages.
    static var residentBytes: Double? {
        let file = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
        guard count > 0 else { return nil }
        let numbers = buffer[..<count].split(separator: UInt8(ascii: " "))
        guard numbers.count > 1, let pages = Int(String(decoding: numbers[1], as: UTF8.self)) else { return nil }
        return Double(pages * sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Without the descriptor used for counting.
    static var openDescriptors: Double? {
        guard let folder = unsafe opendir("/proc/self/fd") else { return nil }
        defer { unsafe closedir(folder) }
        var count = 0
        while unsafe readdir(folder) != nil { count += 1 }
        // That descriptor, and the entries `.` and `..`.
        return Double(max(0, count - 3))
    }

    static var descriptorsMax: Double? {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return limit.rlim_cur == .max ? .infinity : Double(limit.rlim_cur)
    }
}
