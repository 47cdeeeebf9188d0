package dev.krongauss.device;

/**
 * What a device's memory and copies have come to.
 *
 * @param deviceBytes device memory held through arenas
 * @param peakDeviceBytes the most that was ever held, or since {@link Device#resetPeak()}
 * @param pinnedBytes pinned host memory held
 * @param uploadedBytes copied from the host to the device so far, padding included; kernel images
 *     and arguments are not counted
 * @param downloadedBytes copied from the device to the host so far
 */
public record Usage(
    long deviceBytes,
    long peakDeviceBytes,
    long pinnedBytes,
    long uploadedBytes,
    long downloadedBytes) {}
