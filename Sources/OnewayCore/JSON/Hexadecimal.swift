/// 0...15, or 255 for a byte that is not a hexadecimal digit.
@inline(__always) func hexadecimalDigit(_ byte: UInt8) -> UInt8 {
    let digit = byte &- UInt8(ascii: "0")
    let letter = (byte | 0x20) &- UInt8(ascii: "a")
    return digit < 10 ? digit : letter < 6 ? letter + 10 : 255
}

/// The lower-case digit of 0...15.
@inline(__always) func hexadecimal(_ digit: UInt8) -> UInt8 {
    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
}
