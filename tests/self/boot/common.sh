# shellcheck shell=bash disable=SC2086,SC2154
# SPDX-License-Identifier: MIT
# What the boot checks share: ok, boot and says. Who reads this sets $vmm first: QEMU and the
# options that every boot gets. Words of $vmm and of what is given to boot are split on purpose (SC2086), and $vmm and $image
# are theirs (SC2154).
set -uf
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
passed=0 failed=0 status=-
out=$room/out

ok() {    # STATUS CLAIM
    if [ "$1" = 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok - $2 (QEMU's exit status $status)"
        sed 's/^/#   /' "$out"
    fi
}

# Leaves QEMU's exit status in $status and the serial line in $out.
boot() {    # IMAGE WORDS QEMU-ARGUMENTS...
    local kernel=$1 words=$2
    shift 2
    timeout -k 1 20 $vmm -nodefaults -display none -no-reboot -kernel "$kernel" \
        -append "$words" "$@" < /dev/null > "$out" 2>&1
    status=$?
}

says() {
    grep -qaF -- "$1" "$out"
}

# All lines but the one with the measured clock.
verdict() {    # FILE
    grep -av '^# boot ' "$1"
}

# The image without software devices says the same of a real device, and does not know their words.
without_soft() {    # IMAGE WORDS-STATUS QEMU-ARGUMENTS...
    local lean=$1 refused=$2 expected
    shift 2
    boot "$image" "only=rng/*,life/*" "$@"
    expected=$status
    cp "$out" "$room/full"
    boot "$lean" "only=rng/*,life/*" "$@"
    [ $status = "$expected" ] && says "# qvirtio: " && cmp -s <(verdict "$room/full") <(verdict "$out")
    ok $? "without software devices the image has the same verdict"
    boot "$lean" "soft" "$@"
    [ $status = "$refused" ] && says "Bail out! unknown word 'soft'"
    ok $? "without software devices the image does not know the word soft"
}

sum() {
    echo "$passed passed, $failed failed, 0 skipped"
    [ $failed = 0 ]
}
