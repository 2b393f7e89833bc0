import Glibc
import Threads

/// Lines for people and machines, with constant messages and typed keys: only data that has a key can be logged.
///
/// Personal data, secrets, query strings, and payload text have no key.
public struct Log: Sendable {
    public enum Level: String, Sendable, CaseIterable, Comparable {
        case debug, info, warning, error

        public static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .debug: 0
            case .info: 1
            case .warning: 2
            case .error: 3
            }
        }
    }

    public enum Format: String, Sendable, CaseIterable { case json, text }

    public typealias Fields = KeyValuePairs<LogKey, LogValue>

    public let level: Level
    private let format: Format
    private let context: [(LogKey, LogValue)]
    private let output: LogOutput

    /// - Parameters:
    ///   - now: Milliseconds since 1970, UTC.
    ///   - sink: Receives one whole line, including its line feed, possibly from several threads at once.
    public init(
        level: Level,
        format: Format,
        now: @escaping @Sendable () -> Int64 = Log.millisecondsNow,
        sink: @escaping @Sendable ([UInt8]) -> Void = Log.standardError
    ) {
        self.init(level: level, format: format, context: [], output: LogOutput(now: now, sink: sink))
    }

    private init(level: Level, format: Format, context: [(LogKey, LogValue)], output: LogOutput) {
        self.level = level
        self.format = format
        self.context = context
        self.output = output
    }

    /// The same log, with these fields on every line.
    public func with(_ fields: Fields) -> Log {
        Log(level: level, format: format, context: context + fields.map { ($0.key, $0.value) }, output: output)
    }

    public func debug(_ message: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        if level <= .debug { write(.debug, message, fields()) }
    }

    public func info(_ message: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        if level <= .info { write(.info, message, fields()) }
    }

    public func warning(_ message: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        if level <= .warning { write(.warning, message, fields()) }
    }

    public func error(_ message: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        write(.error, message, fields())
    }

    /// Reports dropped lines that were not reported yet. Call it at the end.
    public func flush() { report(output.dropped(isEnd: true)) }

    private func write(_ level: Level, _ message: StaticString, _ fields: Fields) {
        // Only failures repeat themselves endlessly; other lines are proportional to the work done.
        if level >= .warning {
            report(output.dropped())
            guard output.admits("\(message)") else { return }
        }
        var line = LogLine(format, time: output.now(), level: level, message: message)
        for (key, value) in context { line.add(key, value) }
        for (key, value) in fields { line.add(key, value) }
        output.sink(line.finished())
    }

    private func report(_ dropped: [(message: String, count: Int)]) {
        for (message, count) in dropped {
            var line = LogLine(format, time: output.now(), level: .warning, message: "lines were dropped")
            line.add(.dropped, .int(count))
            line.add(.like, .text(message))
            output.sink(line.finished())
        }
    }
}

/// The destination of the lines, and the limit on repeated ones.
private final class LogOutput: Sendable {
    let now: @Sendable () -> Int64
    let sink: @Sendable ([UInt8]) -> Void
    private let flood = Locked(LogFlood())

    init(now: @escaping @Sendable () -> Int64, sink: @escaping @Sendable ([UInt8]) -> Void) {
        self.now = now
        self.sink = sink
    }

    func admits(_ message: String) -> Bool {
        let time = now()
        return flood.withLock { $0.admit(message, at: time) }
    }

    func dropped(isEnd: Bool = false) -> [(message: String, count: Int)] {
        let time = now()
        return flood.withLock { $0.dropped(at: time, isEnd: isEnd) }
    }
}

extension Log {
    @Sendable public static func millisecondsNow() -> Int64 {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
}
