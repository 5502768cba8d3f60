//! The image of the suite: one program of 298 bytes, so that no registry and no shell is needed.

/// The code of the program for x86-64, which listens on a socket where a plugin's would be (and does not mind if it
/// can't), and then stays until it is killed:
///
/// ```text
///        mov edi, 1 / mov esi, 1 / xor edx, edx / mov eax, 41 / syscall     socket(AF_UNIX, SOCK_STREAM, 0)
///        mov r12d, eax
///        mov edi, r12d / lea rsi, [rip+addr] / mov edx, 110 / mov eax, 49 / syscall                    bind
///        mov edi, r12d / mov esi, 8 / mov eax, 50 / syscall                                          listen
/// again: mov eax, 34 / syscall / jmp again                                                            pause
/// addr:  .word 1 / .ascii "/run/docker/plugins/conformance.sock" and zeros up to 110 bytes
/// ```
const CODE: &[u8] = b"\xbf\x01\0\0\0\xbe\x01\0\0\0\x31\xd2\xb8\x29\0\0\0\x0f\x05\x41\x89\xc4\x44\x89\xe7\
    \x48\x8d\x35\x24\0\0\0\xba\x6e\0\0\0\xb8\x31\0\0\0\x0f\x05\x44\x89\xe7\xbe\x08\0\0\0\xb8\x32\0\0\0\
    \x0f\x05\xb8\x22\0\0\0\x0f\x05\xeb\xf7\x01\0/run/docker/plugins/conformance.sock";

/// How many bytes the code has with its zeros: the address is 110 bytes long, from 68 on.
const LENGTH: u64 = 68 + 110;

/// Where the program is in memory.
const BASE: u64 = 0x40_0000;
const HEADERS: u64 = 64 + 56;

/// The root of the image, as a tar: `/stay`.
pub(crate) fn root() -> Vec<u8> {
    let program = program();
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o755);
    header.set_size(program.len() as u64);
    // Writing to memory does not fail.
    let _ = tar.append_data(&mut header, "stay", &program[..]);
    tar.into_inner().unwrap_or_default()
}

/// An ELF file (System V ABI, chapter 4) of one segment, that can be read and run.
fn program() -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    let half = |bytes: &mut Vec<u8>, values: &[u16]| {
        values.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
    };
    let word = |bytes: &mut Vec<u8>, values: &[u32]| {
        values.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
    };
    let long = |bytes: &mut Vec<u8>, values: &[u64]| {
        values.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
    };
    half(&mut bytes, &[2, 62]); // an executable, for x86-64
    word(&mut bytes, &[1]);
    long(&mut bytes, &[BASE + HEADERS, 64, 0]); // its entry, program headers, no section headers
    word(&mut bytes, &[0]);
    half(&mut bytes, &[64, 56, 1, 64, 0, 0]);
    word(&mut bytes, &[1, 5]); // load, to be read and run
    let size = HEADERS + LENGTH;
    long(&mut bytes, &[0, BASE, BASE, size, size, 0x1000]);
    bytes.extend_from_slice(CODE);
    bytes.resize(usize::try_from(size).unwrap_or_default(), 0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_an_executable_that_stays() {
        assert_eq!(program().len(), 298);
        let folder = std::env::temp_dir().join(format!("dockward-stay-{}", std::process::id()));
        std::fs::write(&folder, program()).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&folder, mode).unwrap();
        let mut child = std::process::Command::new(&folder).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert_eq!(child.try_wait().unwrap(), None);
        child.kill().unwrap();
        child.wait().unwrap();
        std::fs::remove_file(folder).unwrap();
    }
}
