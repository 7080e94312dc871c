const empty = 'The runtime takes no tensors without elements.'
const antialias = 'The runtime has no antialiasing, and the matrices of the general path do not have it either.'
const reduction = 'Duplicate indices make it more than a comparison; the runtime only adds.'

/** Cases of the standard that do not convert, or do not run, and why. */
export const exceptions: Readonly<Record<string, string>> = {
  test_batchnorm_example_training_mode: 'Training is not converted.',
  test_convtranspose_3d: 'The runtime’s transposed convolution has two axes of space.',
  test_maxpool_with_argmax_2d_precomputed_strides: 'The runtime’s pooling does not tell places.',
  test_reduce_l1_empty_set_expanded: empty,
  test_reduce_l2_empty_set: empty,
  test_reduce_l2_empty_set_expanded: empty,
  test_reduce_log_sum_empty_set_expanded: empty,
  test_reduce_log_sum_exp_empty_set_expanded: 'It computes in float64.',
  test_reduce_min_empty_set: empty,
  test_reduce_sum_empty_set: empty,
  test_reduce_sum_square_empty_set: empty,
  test_reduce_sum_square_empty_set_expanded: empty,
  test_reshape_allowzero_reordered: empty,
  test_resize_downsample_scales_cubic_antialias: antialias,
  test_resize_downsample_sizes_linear_antialias: antialias,
  test_resize_tf_crop_and_resize_axes_2_3: 'The crop is not followed.',
  test_scatter_elements_with_reduction_max: reduction,
  test_scatternd_min: reduction,
  test_scatternd_multiply: reduction,
  test_tril_zero: empty,
}
