//! The telnet filter: takes negotiation out of what a terminal sends.
//!
//! Source: RFC 854 (commands), RFC 855 (options). It knows single bytes; lines are `framing`'s.

/// Interpret As Command: begins every telnet command.
pub const IAC: u8 = 255;
const DONT: u8 = 254;
const WILL: u8 = 251;
const SB: u8 = 250;
const SE: u8 = 240;

/// Where in a telnet command the stream stands: one byte of state, however long the command is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// Between commands: bytes are data.
    #[default]
    Data,
    /// After IAC.
    Command,
    /// After WILL, WONT, DO or DONT: the option follows.
    Option,
    /// Inside a subnegotiation.
    Subnegotiation,
    /// After IAC inside a subnegotiation.
    SubnegotiationCommand,
}

impl Filter {
    /// Takes one byte; gives it back if it is data. `IAC IAC` is the data byte 255.
    pub fn step(&mut self, byte: u8) -> Option<u8> {
        let (next, data) = match (*self, byte) {
            (Self::Data, IAC) => (Self::Command, None),
            (Self::Data, data) => (Self::Data, Some(data)),
            (Self::Command, IAC) => (Self::Data, Some(IAC)),
            (Self::Command, WILL..=DONT) => (Self::Option, None),
            (Self::Command, SB) => (Self::Subnegotiation, None),
            (Self::Command | Self::Option, _) => (Self::Data, None),
            (Self::Subnegotiation, IAC) => (Self::SubnegotiationCommand, None),
            (Self::SubnegotiationCommand, SE) => (Self::Data, None),
            (Self::Subnegotiation | Self::SubnegotiationCommand, _) => (Self::Subnegotiation, None),
        };
        *self = next;
        data
    }

    /// Appends the data in `input` to `out`. The result does not depend on how input is split.
    pub fn filter(&mut self, input: &[u8], out: &mut Vec<u8>) {
        out.extend(input.iter().filter_map(|&byte| self.step(byte)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(input: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        Filter::default().filter(input, &mut out);
        out
    }

    #[test]
    fn negotiation_is_taken_out() {
        assert_eq!(filtered(b"a\xff\xfb\x01b\xff\xf9c"), b"abc");
        assert_eq!(filtered(b"a\xff\xfa\x18\x00xterm\xff\xf0b"), b"ab");
        assert_eq!(filtered(b"\xff\xfa\x18\xff\xff\xff\xf0b"), b"b");
    }

    #[test]
    fn a_doubled_iac_is_data() {
        assert_eq!(filtered(b"a\xff\xffb"), b"a\xffb");
        assert_eq!(filtered(b"a\xff"), b"a");
    }
}
