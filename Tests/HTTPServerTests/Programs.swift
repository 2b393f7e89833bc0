import TestSupport

/// The output of another program, run off the cooperative pool.
func run(_ arguments: String...) async throws -> (status: Int32, output: String) {
    try await blocking {
        let (status, output) = Program.run(arguments)
        return (status, String(decoding: output, as: UTF8.self))
    }
}

func curl(_ url: String) -> String { String(decoding: Program.run(["curl", "-sk", url]).output, as: UTF8.self) }
