import Glibc
import OnewayCore
import Service

/// Exit codes: 0 done, 1 failed, 2 the command line or the configuration is wrong.
@main struct Main {
    static func main() async {
        let code = await run(Array(CommandLine.arguments.dropFirst()))
        fflush(nil)
        exit(code)
    }

    private static func run(_ arguments: [String]) async -> Int32 {
        do throws(UsageError) {
            switch try Invocation(arguments) {
            case .serve(let configuration): return await Serve.run(configurationFile: configuration)
            case .health(let configuration): return Health.run(configurationFile: configuration)
            case .explain(let options): return await Explain.run(options)
            case .sandbox(let options): return await SandboxCommand.run(options)
            case .version: print("oneway \(Oneway.version)")
            case .help(let topic):
                guard let text = Help.text(topic) else {
                    throw UsageError(says: "There is no command `\(topic ?? "")`. `oneway help` lists them.")
                }
                print(text)
            }
            return 0
        } catch {
            Terminal.complain(error.says)
            return 2
        }
    }
}
