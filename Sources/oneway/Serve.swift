import Configuration
import Glibc
import Service
import Telemetry

/// `oneway serve`.
enum Serve {
    static func run(configurationFile: String?) async -> Int32 {
        let signals = Signals([SIGTERM, SIGINT, SIGHUP])
        let loaded: LoadedConfiguration
        do {
            loaded = try Settings.load(configurationFile)
        } catch {
            Terminal.complain(error.says)
            return 2
        }
        let settings = loaded.configuration
        let log = Log(
            level: settings.log.level,
            format: settings.log.format ?? (Terminal.isInteractive ? .text : .json)
        )
        for warning in loaded.warnings {
            log.warning(
                "a setting is odd",
                [.setting: .text(warning.key), .place: .text("\(warning.place)"), .reason: .text(warning.says)]
            )
        }
        do {
            let app = try await App(settings, log: log)
            try await app.run(signals) { try Settings.load(configurationFile).configuration }
            log.info("stopped")
            log.flush()
            return 0
        } catch {
            log.error("failed", [.error: .text("\(error)")])
            log.flush()
            return 1
        }
    }
}
