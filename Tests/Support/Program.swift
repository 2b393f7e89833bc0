import Glibc
import Threads

/// Runs another program. (Foundation's `Process` crashes in a process with thousands of open descriptors, which some
/// tests need.)
public enum Program {
    /// Blocks until the program has ended.
    public static func run(
        _ arguments: [String],
        input: [UInt8] = [],
        errorsToo: Bool = false
    ) -> (status: Int32, output: [UInt8]) {
        let (code, child, ends) = starting.withLock { _ in start(arguments, errorsToo: errorsToo) }
        _ = unsafe input.withUnsafeBytes { unsafe write(ends.input, $0.baseAddress, $0.count) }
        close(ends.input)
        defer { close(ends.output) }
        guard code == 0 else { return (-1, []) }
        let output = all(from: ends.output)
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
        return (status >> 8 & 0xFF, output)
    }

    /// One at a time, so that no child inherits another's pipes and keeps them open.
    private static let starting = Locked(false)

    private static func start(
        _ arguments: [String],
        errorsToo: Bool
    ) -> (code: Int32, child: pid_t, ends: (input: Int32, output: Int32)) {
        var (toChild, fromChild): ([Int32], [Int32]) = ([0, 0], [0, 0])
        unsafe pipe(&toChild)
        unsafe pipe(&fromChild)
        for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        if errorsToo { unsafe posix_spawn_file_actions_adddup2(&actions, fromChild[1], 2) }
        var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var child = pid_t()
        let code = unsafe posix_spawnp(&child, arguments[0], &actions, nil, &words, environ)
        close(toChild[0])
        close(fromChild[1])
        return (code, child, (toChild[1], fromChild[0]))
    }

    /// Reads until the other side closes, even if interrupted by signals.
    public static func all(from descriptor: Int32) -> [UInt8] {
        var all: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                all += piece[..<count]
            } else if count == 0 || errno != EINTR {
                return all
            }
        }
    }
}
