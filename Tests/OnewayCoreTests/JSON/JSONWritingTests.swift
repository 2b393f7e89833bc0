import Testing

@testable import OnewayCore

@Suite struct JSONWritingTests {
    @Test func membersKeepTheirOrderAndNumbersTheirDigits() {
        let value: JSON = [
            "b": 1, "a": .number("922337203685477.5807"), "list": [nil, true, false, "x", []], "empty": .object([]),
        ]
        #expect(
            String(decoding: value.encoded, as: UTF8.self)
                == #"{"b":1,"a":922337203685477.5807,"list":[null,true,false,"x",[]],"empty":{}}"#
        )
    }

    @Test func textIsEscapedWhereItMustBe() {
        let text = JSON.string("\"\\/\n\r\t\u{0}\u{1F}é😀\u{7F}")
        #expect(String(decoding: text.encoded, as: UTF8.self) == "\"\\\"\\\\/\\n\\r\\t\\u0000\\u001fé😀\u{7F}\"")
    }
}
