import Glibc

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
            case .health(let configuration): return await Health.run(configurationFile: configuration)
            case .explain(let options): return await Explain.run(options)
            case .ask(let command, let options): return await Ask.run(command, options)
            case .compare(let options): return await Compare.run(options)
            case .changes(let options): return await Changes.run(options)
            case .fields(let configuration, let isJSON): return await Fields.run(configuration, isJSON: isJSON)
            case .check(let options): return await Check.run(options)
            case .register(let options): return await Register.run(options)
            case .sandbox(let options): return await SandboxCommand.run(options)
            case .migrateStore(let options): return await MigrateStore.run(options)
            case .load(let options): return await Load.run(options)
            case .loadFiles(let options): return await LoadFiles.run(options)
            case .reconcile(let options): return await Reconcile.run(options)
            case .demo(let isOnce, let usesFreePorts):
                return await Demo(isOnce: isOnce, usesFreePorts: usesFreePorts).run()
            case .manual: print(ManualPage.text)
            case .completion(let completion): print(completion.script)
            case .version: print(Help.version)
            case .help(let topic):
                guard let text = Help.text(topic) else {
                    throw .unknown(command: topic ?? "")
                }
                print(text)
            }
            return 0
        } catch {
            return Terminal.complain(error)
        }
    }
}
