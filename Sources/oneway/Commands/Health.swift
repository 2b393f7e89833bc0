import HTTPClient

/// `oneway health`: whether the running service is ready.
enum Health {
    static func run(configurationFile: String?) async -> Int32 {
        do {
            let service = try RunningService(ServiceLocation(configuration: configurationFile), secondsMax: 5)
            let answer = try await service.endpoint.send(.get, "/readyz")
            Terminal.print(json: answer.body)
            return answer.status == 200 ? 0 : 1
        } catch let failed as Failed {
            Terminal.complain("No answer: \(failed.says)")
        } catch {
            _ = Terminal.complain(error)
        }
        return 1
    }
}
