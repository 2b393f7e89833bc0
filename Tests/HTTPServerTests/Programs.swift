import Foundation

/// Other programs, as witnesses.
func start(_ arguments: String...) throws -> (process: Process, output: Pipe) { try start(arguments) }

func start(_ arguments: [String]) throws -> (process: Process, output: Pipe) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    return (process, output)
}

func run(_ arguments: String...) async throws -> (status: Int32, output: String) {
    try await blocking {
        let (process, output) = try start(arguments)
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }
}

func curl(_ url: String) throws -> String {
    let (process, output) = try start("curl", "-sk", url)
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self)
}
