import CMalloc
import Configuration
import Glibc
import Service
import Telemetry

/// `oneway serve`.
enum Serve {
    static func run(configurationFile: String?) async -> Int32 {
        // Memory freed by one thread stays available to the others: otherwise each keeps an arena of its own.
        mallopt(M_ARENA_MAX, 2)
        // Large buffers, as for a page of Dynamics, go back to the system at once: by default glibc begins to keep them.
        mallopt(M_MMAP_THRESHOLD, 1 << 20)
        let signals = Signals([SIGTERM, SIGINT, SIGHUP])
        let source = Settings.source(configurationFile)
        let loaded: LoadedConfiguration
        do { loaded = try source.read() } catch {
            Settings.complain(error)
            return 2
        }
        let settings = loaded.configuration
        let log = Log(level: settings.log.level, format: settings.log.format ?? Log.formatForStandardError)
        for warning in loaded.warnings {
            log.warning(
                "a setting needs attention",
                [.setting: .text(warning.key), .place: .text("\(warning.place)"), .reason: .text(warning.says)]
            )
        }
        defer { log.flush() }
        do {
            let app = try await App(settings, log: log)
            _ = try await app.start()
            try await app.run {
                for await signal in signals.received {
                    if signal == SIGHUP {
                        app.reload(source)
                    } else {
                        return log.info("stopping", [.signal: .int(Int(signal))])
                    }
                }
            }
            log.info("stopped")
            return 0
        } catch {
            log.error("failed", [.error: .text("\(error)")])
            return 1
        }
    }
}
